import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  assign,
  type DataSource,
  determined,
  type Flag,
  layerInputValues,
  type Matrix,
  type Model,
  matrix,
  type Rng,
  rng,
  trainModel,
} from "@recon/core";
import type { Arrays } from "@recon/engine";
import { bert, type PoolerInputs, poolerInputs, poolerOutlook, sentiment, useLite, widenedPooler } from "@recon/text";
import { drawnItems, type ObservedTexts, observedTexts } from "../victims/observed-texts.ts";
import { wordPieceReviews } from "../victims/word-piece-reviews.ts";

const batch = 8;
/** Sentences that a trained victim has seen, none of which is attacked; and its steps. */
const [seen, steps] = [800, 200];
const floorReason = "vectors of an encoder have no prior";

/** Vectors of eight real sentences at the pooler: of a widened one, of one as it is, and of encoders whose vectors nearly coincide. */
export const poolerCases: readonly BenchCase[] = [
  {
    id: "pooler-widened-b8",
    suite: "pooler",
    targets: { rel_rms: "<=1e-6" },
    seeds: 5,
    trial: (seed, context) => sentenceEncoder(seed, context, (model) => widenedPooler(model), "tanh", ["activeServer"]),
  },
  {
    id: "pooler-b8",
    suite: "pooler",
    targets: { rel_rms: "<=1e-6" },
    seeds: 5,
    share: 0.8,
    trial: (seed, context) => sentenceEncoder(seed, context, (model) => model, "normalised"),
  },
  ...(["float32", "float64"] as const).map(
    (precision): BenchCase => ({
      id: "pooler-cls-b8",
      suite: "pooler",
      targets: { agrees: ">=1" },
      seeds: 5,
      trial: (seed, context) => firstStateEncoders(seed, context, precision),
    }),
  ),
];

/** The sentence encoder with its real weights, float64; labels are not told. */
async function* sentenceEncoder(
  seed: number,
  context: TrialContext,
  change: (model: Model) => Model,
  sentence: "tanh" | "normalised",
  known: readonly Flag[] = [],
): AsyncGenerator<Measurement, void> {
  const source = sentiment();
  const { domain } = source;
  const model = change(useLite({ sentence }, { input: [domain.maxLength], classes: 2, domain }));
  const random = rng(seed).split("pooler");
  yield await measured(
    {
      item: `${batch} sentences`,
      model,
      params: model.init(random.split("weights")),
      source,
      precision: "float64",
      random,
      known,
    },
    context,
  );
}

/** Encoders of two layers that pool the first state, untrained and after some hundred steps. */
async function* firstStateEncoders(
  seed: number,
  context: TrialContext,
  precision: "float32" | "float64",
): AsyncGenerator<Measurement, void> {
  const source = wordPieceReviews();
  const { domain } = source;
  const size = { layers: 2, width: 128, positions: domain.maxLength };
  const data = { input: [domain.maxLength], classes: 2, domain };
  const model = bert(size, data);
  const random = rng(seed).split("pooler");
  const common = { model, source, precision, random };
  yield await measured({ ...common, item: "random encoder", params: model.init(random.split("weights")) }, context);
  const { params, rest } = await trainedEncoder(source, bert({ ...size, embeddings: "trained" }, data), context);
  yield await measured({ ...common, item: "trained encoder", params, source: rest }, context);
}

/** Weights after some hundred steps, and the sentences that these have not seen: the same for all seeds of a run, which draw their batches from the rest. */
let trained: { readonly params: Arrays; readonly rest: DataSource } | undefined;

async function trainedEncoder(
  source: DataSource,
  model: Model,
  { executor, signal }: TrialContext,
): Promise<{ readonly params: Arrays; readonly rest: DataSource }> {
  if (trained !== undefined) return trained;
  const random = rng("pooler").split("trained encoder");
  const open = await source.open();
  const order = random.split("order").permutation(open.size);
  const items = await Promise.all(order.slice(0, seen).map((at) => open.item(at)));
  const params = await trainModel(model, {
    items,
    steps,
    batch: 16,
    padding: source.domain.padding!,
    executor,
    rng: random.split("training"),
    signal,
  });
  const others = order.slice(seen);
  const rest = { ...open, size: others.length, item: (at: number) => open.item(others[at]!) };
  trained = { params, rest: { ...source, open: async () => rest } };
  return trained;
}

interface PoolerVictim {
  readonly item: string;
  readonly model: Model;
  readonly params: Arrays;
  readonly source: DataSource;
  readonly precision: "float32" | "float64";
  readonly random: Rng;
  /** What is known besides the default. */
  readonly known?: readonly Flag[];
}

async function measured(
  { item, model, params, source, precision, random, known = [] }: PoolerVictim,
  context: TrialContext,
): Promise<Measurement> {
  const { executor, signal } = context;
  const items = await drawnItems(source, batch, random);
  const victim = await observedTexts({ model, params, source, items, precision, known, executor });
  const { problem } = victim;
  const tools = { executor, signal, rng: random.split("attack") };
  const started = performance.now();
  const outlook = await poolerOutlook(problem, tools);
  const found = await poolerInputs(problem, tools);
  const seconds = (performance.now() - started) / 1000;
  const values = "values" in found ? found : undefined;
  const errors = await errorsOf(values, victim, tools.executor);
  const recovered = found.verdict === "recovered";
  const expected = "identifiable" in outlook ? outlook : undefined;
  const agrees =
    expected?.identifiable === true
      ? recovered && errors.rel_spread <= determined
      : found.verdict === "not identifiable";
  return {
    item,
    attack: "pooler",
    given: values?.given ?? [],
    observation: precision,
    metric: {
      ...errors,
      amplification: expected?.amplification ?? Number.NaN,
      expected_error: expected?.expectedError ?? Number.NaN,
      implied_error: values?.impliedError ?? Number.NaN,
      agrees: Number(agrees),
    },
    floorReason,
    certificate: values?.certificate.level ?? "none",
    verdict: found.verdict,
    reason: `${found.reason} Foreseen: ${"reason" in outlook ? outlook.reason : outlook.identifiable ? "identifiable" : "not identifiable at this precision"}.`,
    residual: values?.residual ?? Number.NaN,
    seconds,
    evaluations: 0,
  };
}

/** ‖X̂ − X‖ under the best assignment, over ‖X‖ and over ‖X − x̄‖; 1 where nothing was found. */
async function errorsOf(
  found: PoolerInputs | undefined,
  { problem, input }: ObservedTexts,
  executor: TrialContext["executor"],
): Promise<{ readonly rel_rms: number; readonly rel_spread: number }> {
  if (found === undefined) return { rel_rms: 1, rel_spread: 1 };
  const truth = await layerInputValues(problem.model, problem.params, found.layer, input, executor);
  const { rows, cols } = truth;
  const square = (of: (at: number, column: number) => number): number => {
    let total = 0;
    for (let at = 0; at < rows * cols; at++) total += of(at, at % cols) ** 2;
    return total;
  };
  const mean = new Float64Array(cols);
  truth.data.forEach((value, at) => {
    mean[at % cols]! += value / rows;
  });
  const error = squaredDistance(found.values, truth);
  return {
    rel_rms: Math.sqrt(error / square((at) => truth.data[at]!)),
    rel_spread: Math.sqrt(error / square((at, column) => truth.data[at]! - mean[column]!)),
  };
}

function squaredDistance(found: Matrix, truth: Matrix): number {
  const { rows, cols } = truth;
  const cost = matrix(rows, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < cols; k++)
        cost.data[i * rows + j]! += (truth.data[i * cols + k]! - found.data[j * cols + k]!) ** 2;
    }
  }
  return Array.from(assign(cost), (j, i) => cost.data[i * rows + j]!).reduce((sum, value) => sum + value, 0);
}
