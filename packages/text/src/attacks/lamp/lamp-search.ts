import {
  type AttackContext,
  chain,
  compileMatching,
  type Discrepancy,
  type DiscreteScorer,
  type FeatureTerm,
  type Matching,
  type Progress,
  scale,
  scaleByAdam,
  startTrace,
  type TracePoint,
} from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type SearchPlan, searchPlan } from "./budget.ts";
import { embeddingNorm } from "./embedding-norm.ts";
import { arrayOf, clampEmbeddings, freeRows, randomEmbeddings, reordered, reorderMemory } from "./embedding-state.ts";
import { languageLoss } from "./language-loss.ts";
import type { RelaxedProblem } from "./relaxed-problem.ts";
import { candidateOrders, type Order } from "./reorder.ts";

/** What a search is made of. */
export interface LampSearch {
  readonly relaxed: RelaxedProblem;
  readonly target: NdArray;
  readonly discrepancy: Discrepancy;
  readonly features?: FeatureTerm | undefined;
  readonly normWeight: number;
  readonly language?: DiscreteScorer | undefined;
  readonly languageWeight: number;
  /** Adam's first rate, in root mean squares of the table's entries. */
  readonly rate: number;
}

/** Where a search ended. */
export interface LampResult {
  readonly embeddings: NdArray;
  readonly evaluations: number;
  readonly trace: readonly TracePoint[];
  readonly ended: string;
}

/** What the rate is multiplied by, and how often in a run. */
const [decay, decays] = [0.89, 40];

/**
 * Continuous steps by Adam, between them orders of the tokens that fit the gradient better or read better.
 *
 * What it hands back is the iterate of least loss since the last change of order: one from before it is another text.
 */
export async function* lampSearch(search: LampSearch, context: AttackContext): AsyncGenerator<Progress, LampResult> {
  const { relaxed, target, discrepancy, features } = search;
  const { executor, budget, rng } = context;
  const { places, table, problem } = relaxed;
  const lengths = places.map(({ length }) => length);
  const batch = places.length;
  const parts = { batch, discrepancy, target, ...(features && { features }) };
  const energies = search.normWeight > 0 ? [embeddingNorm(search.normWeight, table.meanNorm, lengths)] : [];
  const start = { input: arrayOf(randomEmbeddings(relaxed, rng.split("shape")), relaxed) };
  const continuous = await compileMatching(problem, executor, { ...parts, energies }, start);
  try {
    const comparing = await compileMatching(problem, executor, { ...parts, energies: [], derivatives: false }, start);
    try {
      return yield* run(search, context, searchPlan(budget.evaluations, batch), { continuous, comparing });
    } finally {
      await comparing.dispose();
    }
  } finally {
    await continuous.dispose();
  }
}

interface Programs {
  /** The loss and its derivative. */
  readonly continuous: Matching;
  /** The loss without what every order has in common. */
  readonly comparing: Matching;
}

async function* run(
  search: LampSearch,
  { rng, signal, budget }: AttackContext,
  plan: SearchPlan,
  { continuous, comparing }: Programs,
): AsyncGenerator<Progress, LampResult> {
  const { relaxed, rate } = search;
  const [, width] = relaxed.problem.model.input.shape as [number, number];
  const rows = freeRows(relaxed);
  const trace = startTrace();
  let evaluations = 0;
  const fit = async (x: Float64Array): Promise<number> => {
    evaluations++;
    const { value } = await comparing.evaluate({ input: arrayOf(x, relaxed) });
    return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
  };
  let x = await bestStart(relaxed, plan, rows, rng, fit, signal);
  const first = (rate * relaxed.table.meanNorm) / Math.sqrt(width);
  const update = chain(
    scaleByAdam(),
    scale((step, steps) => first * decay ** Math.floor((decays * step) / steps)),
  );
  const memory = update.init(x.length);
  let best = { x, value: Number.POSITIVE_INFINITY };
  let ended = `all ${plan.steps} steps were made`;
  for (let step = 0; step < plan.steps; step++) {
    if (signal.aborted) {
      ended = `it was stopped after ${step} of ${plan.steps} steps`;
      break;
    }
    if (plan.rounds.has(step)) {
      const stream = rng.split(`round ${step}`);
      for (const [b, free] of rows.entries()) {
        const orders = candidateOrders(free.length, plan.candidates, stream.split(`text ${b}`));
        const order = await bestOrder(search, x, { text: b, rows: free, orders }, fit, signal);
        if (order === undefined) continue;
        x = reordered(x, width, free, order);
        reorderMemory(memory, width, free, order);
        best = { x, value: Number.POSITIVE_INFINITY };
      }
    }
    const { value, gradient } = await continuous.evaluate({ input: arrayOf(x, relaxed) });
    evaluations++;
    const direction = Float64Array.from(gradient.input!.data);
    if (!Number.isFinite(value) || direction.some((entry) => !Number.isFinite(entry))) {
      ended = `the loss left the finite numbers at step ${step}`;
      break;
    }
    if (value < best.value) best = { x: x.slice(), value };
    trace.add(evaluations, value);
    yield { kind: "progress", evaluations, fraction: Math.min(1, evaluations / budget.evaluations), objective: value };
    update.update(direction, memory, { step, steps: plan.steps });
    x = x.map((entry, i) => entry - direction[i]!);
    clampEmbeddings(x, relaxed.problem);
  }
  return { embeddings: arrayOf(best.x, relaxed), evaluations, trace: trace.points(), ended };
}

type Fit = (x: Float64Array) => Promise<number>;

/** The random start of least loss, in the order of least loss. */
async function bestStart(
  relaxed: RelaxedProblem,
  { starts, orders }: SearchPlan,
  rows: readonly (readonly number[])[],
  rng: AttackContext["rng"],
  fit: Fit,
  signal: AbortSignal,
): Promise<Float64Array> {
  const [, width] = relaxed.problem.model.input.shape as [number, number];
  const drawn = (i: number): Float64Array => {
    const x = randomEmbeddings(relaxed, rng.split(`start ${i}`));
    clampEmbeddings(x, relaxed.problem);
    return x;
  };
  let best = { x: drawn(0), loss: Number.POSITIVE_INFINITY };
  const consider = async (x: Float64Array): Promise<void> => {
    const loss = await fit(x);
    if (loss < best.loss) best = { x, loss };
  };
  for (let i = 0; i < starts && !signal.aborted; i++) await consider(drawn(i));
  const { x: chosen } = best;
  for (let i = 0; i < orders && !signal.aborted; i++) {
    const stream = rng.split(`order ${i}`);
    await consider(rows.reduce((x, free) => reordered(x, width, free, stream.permutation(free.length)), chosen));
  }
  return best.x;
}

/** The order of one text with the least loss of gradient and language together; undefined where none beats the present one. */
async function bestOrder(
  { relaxed, language, languageWeight }: LampSearch,
  x: Float64Array,
  of: { readonly text: number; readonly rows: readonly number[]; readonly orders: readonly Order[] },
  fit: Fit,
  signal: AbortSignal,
): Promise<Order | undefined> {
  if (of.orders.length === 0) return undefined;
  const [longest, width] = relaxed.problem.model.input.shape as [number, number];
  const ids = language && Array.from(relaxed.project(arrayOf(x, relaxed)).data);
  const reads = (order: Order): number => {
    if (ids === undefined || language === undefined || languageWeight === 0) return 0;
    const own = ids.slice();
    of.rows.forEach((row, i) => {
      own[row] = ids[of.rows[order[i]!]!]!;
    });
    const text = own.slice(of.text * longest, of.text * longest + relaxed.places[of.text]!.length);
    return languageWeight * languageLoss(language, text, relaxed.special);
  };
  const identity = of.rows.map((_, i) => i);
  let least = (await fit(x)) + reads(identity);
  let best: Order | undefined;
  for (const order of of.orders) {
    if (signal.aborted) break;
    const loss = (await fit(reordered(x, width, of.rows, order))) + reads(order);
    if (loss < least) [least, best] = [loss, order];
  }
  return best;
}
