import { type Executor, type NdArray, sizeOf } from "@recon/engine";
import { count, norm } from "../arrays.ts";
import { applicable } from "../attacks/applicable.ts";
import { knownNoise } from "../attacks/conclude.ts";
import { unitRoundoff } from "../exact/result.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import { singularValues } from "../linear-algebra/singular-values.ts";
import type { Attack, Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import type { Diagnosis, JacobianFinding } from "./diagnosis.ts";
import { denseJacobian, gramProduct } from "./jacobian.ts";
import { type BatchFinding, batchFinding, layerRanks } from "./layer-ranks.ts";
import { randomPoint } from "./random-point.ts";
import { type RankCount, rankCount } from "./rank-count.ts";
import { solverOutlook } from "./solver-outlook.ts";
import { estimateSpectrum, thinned } from "./spectrum.ts";
import { summaryOf } from "./summary.ts";

export interface DiagnoseContext {
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  /** Exact solvers to ask whether they apply, in the order in which they would be tried. */
  readonly solvers: readonly Attack[];
  /** Attacks to ask what they see coming; none unless given. */
  readonly attacks?: readonly Attack[];
  /** The Jacobian is decomposed whole where it takes at most this many products, 192 unless said. */
  readonly mostDenseProducts?: number;
  /** Numbers that may be computed to estimate the spectrum of a larger one, 6e7 unless said; 0 leaves the Jacobian out. */
  readonly mostNumbers?: number;
}

const mostSteps = 24;
const fewestSteps = 8;
const largestBatchTried = 64;

/**
 * What can be known before attacking, without the truth: the ranks of the linear layers' gradients, a proven bound on what the observation can determine,
 * the spectrum of its Jacobian at a random batch of the domain, the layer that loses information first, and which exact solvers apply or what they lack.
 *
 * The bound holds for the batch size that the attacker is told, else for the one that the ranks show, else for one sample; the result says which.
 */
export async function diagnose(problem: Problem, context: DiagnoseContext): Promise<Diagnosis> {
  const { executor, rng, signal, solvers } = context;
  const { product, dispose } = executorProduct(executor);
  let ranks: Diagnosis["ranks"];
  try {
    ranks = await layerRanks(problem, product);
  } finally {
    await dispose();
  }
  signal?.throwIfAborted();
  const finding = batchFinding(ranks);
  const batch = { ...batchOf(problem, finding), finding };
  const visible = visibleEntries(problem);
  const counted = rankCount(problem, batch.size, { visible });
  const jacobian = await jacobianFinding(problem, batch.size, counted, context, rng.split("point"));
  const outlook = solverOutlook(problem, solvers, batch.size);
  const foreseen = await outlooks(problem, context);
  const discrete = problem.model.input.discrete === true;
  const parts: Omit<Diagnosis, "summary"> = {
    determined: !discrete && counted.bound < counted.unknowns ? "no" : "open",
    batch,
    ...(discrete && { discrete }),
    ranks,
    count: counted,
    largestCountedBatch: discrete ? batch.size : largestCountedBatch(problem, visible),
    ...("reason" in jacobian ? { noJacobian: jacobian.reason } : { jacobian }),
    solvers: outlook,
    ...(foreseen.length > 0 && { foreseen }),
  };
  return { summary: summaryOf(parts), ...parts };
}

/** What each attack that applies sees coming. */
async function outlooks(
  problem: Problem,
  { attacks = [], executor, rng, signal = new AbortController().signal }: DiagnoseContext,
): Promise<NonNullable<Diagnosis["foreseen"]>> {
  const all: { attack: string; what: string }[] = [];
  for (const attack of attacks) {
    if (attack.foresee === undefined || applicable(attack, problem) !== true) continue;
    const what = await attack.foresee(problem, { executor, rng: rng.split(`foresee ${attack.name}`), signal });
    if (what !== "") all.push({ attack: attack.name, what });
  }
  return all;
}

function batchOf({ knowledge }: Problem, { atLeast }: BatchFinding): Pick<Diagnosis["batch"], "size" | "source"> {
  const told = knowledge.batchSize;
  if (typeof told === "number") return { size: told, source: "told" };
  return atLeast > 0 ? { size: atLeast, source: "ranks" } : { size: 1, source: "assumed" };
}

/** Entries of a gradient tensor that a mask leaves, where the attacker knows one: the others are constant in the data. */
function visibleEntries({ knowledge, observation }: Problem): (name: string) => number | undefined {
  if (knowledge.mask === undefined) return () => undefined;
  return (name) => {
    let visible = 0;
    for (const value of observation[name]?.data ?? []) if (value !== 0) visible++;
    return visible;
  };
}

/** The largest batch, up to 64, that the count does not exclude: by doubling and halving. */
function largestCountedBatch(problem: Problem, visible: (name: string) => number | undefined): number {
  const possible = (batch: number): boolean => {
    const { bound, unknowns } = rankCount(problem, batch, { visible });
    return bound >= unknowns;
  };
  let high = 1;
  while (high <= largestBatchTried && possible(high)) high *= 2;
  let low = high / 2;
  if (high > largestBatchTried) return largestBatchTried;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (possible(middle)) low = middle;
    else high = middle;
  }
  return Math.floor(low);
}

async function jacobianFinding(
  problem: Problem,
  batch: number,
  { unknowns, entries }: RankCount,
  context: DiagnoseContext,
  rng: Rng,
): Promise<JacobianFinding | { readonly reason: string }> {
  const { executor, signal, mostDenseProducts = 192, mostNumbers = 6e7 } = context;
  if (mostNumbers === 0) return { reason: "It was not asked for." };
  if (problem.model.input.discrete === true) return { reason: "The input is discrete: there are no directions in it." };
  const point = randomPoint(problem, batch, rng);
  const accuracy = entryAccuracy(problem);
  const common = { unknowns, entries, noiseStd: accuracy };
  const products = Math.min(unknowns, entries);
  if (products <= mostDenseProducts && unknowns * entries <= 2 ** 22) {
    const values = singularValues(await denseJacobian(problem, executor, point, { signal }));
    const largest = values[0] ?? 0;
    const tolerance = Math.max(unknowns, entries) * Number.EPSILON * largest;
    return {
      kind: "measured",
      ...common,
      rank: values.filter((value) => value > tolerance).length,
      tolerance,
      largest,
      // Fewer entries than unknowns leave directions that the observation does not see at all.
      smallest: entries < unknowns ? 0 : values.at(-1)!,
      points: thinned(values),
      products,
      readable: values.filter((value) => value > tolerance && accuracy / value < 0.1 * rangeOf(problem)).length,
    };
  }
  const gram = await gramProduct(problem, executor, point, mostNumbers / fewestSteps);
  if (gram === undefined) {
    return { reason: `One product with the Jacobian computes more than ${mostNumbers / fewestSteps} numbers.` };
  }
  try {
    const steps = Math.min(mostSteps, Math.floor(mostNumbers / gram.numbers));
    const found = await estimateSpectrum(gram.multiply, unknowns, steps, rng.split("lanczos"), signal);
    const { largest, smallest, points } = found;
    return {
      kind: "estimated",
      ...common,
      tolerance: Math.sqrt(Number.EPSILON) * largest,
      largest,
      smallest,
      points,
      products: found.products,
    };
  } finally {
    await gram.dispose();
  }
}

/** Standard deviation of what is added to an entry: the noise that is known to be there, or rounding. */
function entryAccuracy(problem: Problem): number {
  const { observation, observationPrecision } = problem;
  const rms = norm(observation) / Math.sqrt(Math.max(1, count(observation)));
  return Math.max(knownNoise(problem), unitRoundoff[observationPrecision] * rms);
}

/** Mean width of the domain's box; 1 where it has no bounds. */
function rangeOf({ domain: { lower, upper } }: Problem): number {
  const mean = ({ data, shape }: NdArray): number => {
    let total = 0;
    for (const value of data) total += value;
    return total / Math.max(1, sizeOf(shape));
  };
  const width = mean(upper) - mean(lower);
  return Number.isFinite(width) && width > 0 ? width : 1;
}
