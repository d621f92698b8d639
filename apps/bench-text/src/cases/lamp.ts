import { type BenchCase, failedMeasurement, type Measurement, measurementOf, type TrialContext } from "@recon/bench";
import {
  type Attack,
  audit,
  bootstrap,
  defaultKnowledge,
  type Flag,
  gradient,
  pairedBootstrap,
  type ResultRecord,
  rng,
  type Scenario,
} from "@recon/core";
import { bert, dlgText, lamp, languageModel, priorOnly, tag } from "@recon/text";
import { matrixProductTimer } from "../victims/matrix-product-timer.ts";
import { wordPieceReviews } from "../victims/word-piece-reviews.ts";

/** Sentences of one trial, evaluations of an attack on one of them. */
const [sentences, evaluations] = [20, 600];

const id = "lamp-bert-b1";

/** The generous setting of the literature: classes and lengths are known, and the table of embeddings with its vocabulary. */
const known: readonly Flag[] = [...defaultKnowledge, "labels", "sequenceLengths", "embeddings"];

/** A victim of two layers with random weights; a sentence, its weights and its class are drawn anew for every trial. */
function scenario(attacks: readonly Attack[], quick: boolean): Scenario {
  const source = wordPieceReviews();
  const { domain } = source;
  return {
    id,
    title: id,
    summary: "",
    model: bert(
      { layers: 2, width: 128, positions: domain.maxLength },
      { input: [domain.maxLength], classes: 2, domain },
    ),
    source: { ...source, domain: { ...domain, render: async () => [] } },
    batch: 1,
    operator: gradient(),
    defences: [],
    observationPrecision: "float32",
    known,
    attacks,
    trials: quick ? 2 : sentences,
    budget: { evaluations: quick ? evaluations / 10 : evaluations },
    onError: "skip",
    audit: {},
  };
}

/** Records of every attack, and milliseconds of the continuous steps of the first. */
interface Outcome {
  readonly records: ReadonlyMap<string, readonly Omit<ResultRecord, "pictures">[]>;
  readonly steps: readonly number[];
  /** Milliseconds of a 1024³ matrix product at the same time. */
  readonly product: number;
}

async function outcomeOf(attacks: readonly Attack[], seed: number, context: TrialContext): Promise<Outcome> {
  const { executor, signal, quick } = context;
  const records = new Map<string, Omit<ResultRecord, "pictures">[]>(attacks.map(({ name }) => [name, []]));
  const product = await matrixProductTimer(executor);
  const [steps, products]: [number[], number[]] = [[], []];
  let last: number | undefined;
  for await (const event of audit([scenario(attacks, quick)], { executor, seed, signal, diagnosis: false })) {
    if (event.kind === "failure") throw new Error(`${event.record.attack}: ${event.record.error.message}`);
    if (event.kind === "trial") products.push(await product.time());
    if (event.kind === "result") records.get(event.record.attack)!.push(event.record);
    const now = performance.now();
    // From one report of progress to the next is a step; where candidates for the order were compared between them it is longer, which the median does not see.
    const stepping = event.kind === "progress" && event.attack === attacks[0]!.name;
    if (stepping && last !== undefined) steps.push(now - last);
    last = stepping ? now : undefined;
  }
  await product.dispose();
  return { records, steps, product: median(products) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means over the sentences, with and without what entered the pooler, paired; against the better of two guesses without a gradient. */
async function* judged(seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const prior = languageModel();
  const attacks = [lamp({}, [prior]), lamp({ pooler: true }, [prior]), priorOnly([prior])];
  let outcome: Outcome;
  try {
    outcome = await outcomeOf(attacks, seed, context);
  } catch (error) {
    if (context.signal.aborted) return;
    yield failedMeasurement((error as Error).message);
    return;
  }
  const { records, steps, product } = outcome;
  const [plain, pooled, sampled] = attacks.map(({ name }) => records.get(name)!) as [
    readonly ResultRecord[],
    readonly ResultRecord[],
    readonly ResultRecord[],
  ];
  const scores = (of: readonly ResultRecord[], name: string): number[] => of.map(({ metric }) => metric[name]!);
  const interval = (values: readonly number[], name: string): readonly [number, number] =>
    bootstrap(values, { rng: rng("lamp").split(`${seed} ${name}`) }).bounds ?? [Number.NaN, Number.NaN];
  const frequent = plain.map(({ floor }) => floor.rouge1!);
  const sample = scores(sampled, "rouge1");
  const floor = mean(frequent) > mean(sample) ? frequent : sample;
  const [low, high] = interval(scores(plain, "rouge1"), "plain");
  const [floorLow, floorHigh] = interval(floor, "floor");
  const gain = pairedBootstrap(scores(pooled, "rouge1"), scores(plain, "rouge1"), {
    rng: rng("lamp").split(`${seed} gain`),
  });
  const ms = median(steps);
  yield {
    item: `${plain.length} sentences`,
    attack: attacks[0]!.name,
    given: plain[0]!.given,
    observation: "float32",
    metric: {
      ms,
      matmul_ratio: ms / product,
      rouge1: mean(scores(plain, "rouge1")),
      rouge1_low: low,
      rouge1_high: high,
      rouge1_above_floor: low - floorHigh,
      rouge1_pooler: mean(scores(pooled, "rouge1")),
      pooler_gain: gain.mean,
      pooler_gain_low: gain.bounds?.[0] ?? Number.NaN,
      pooler_gain_high: gain.bounds?.[1] ?? Number.NaN,
      rouge2: mean(scores(plain, "rouge2")),
      rougel: mean(scores(plain, "rougel")),
      rouge1_special: mean(scores(plain, "rouge1_special")),
      token_accuracy: mean(scores(plain, "token_accuracy")),
      token_accuracy_pooler: mean(scores(pooled, "token_accuracy")),
    },
    floor: {
      rouge1: mean(floor),
      rouge1_low: floorLow,
      rouge1_high: floorHigh,
      rouge1_frequent: mean(frequent),
      rouge1_sample: mean(sample),
      token_accuracy: mean(plain.map(({ floor: own }) => own.token_accuracy!)),
    },
    certificate: "none",
    verdict: "partial",
    reason: `Means over ${plain.length} sentences with 95 % bootstrap intervals; the floor is the better of a sample of the language model and the most frequent pieces, of the same lengths.`,
    residual: mean(plain.map(({ residual }) => residual)),
    seconds: mean(plain.map(({ seconds }) => seconds)),
    evaluations: plain.reduce((sum, record) => sum + record.evaluations, 0),
  };
}

/** An attack on the same sentences, a line each. */
function baseline(name: string, attack: () => Attack): BenchCase {
  return {
    id: `${id}/${name}`,
    suite: "search",
    targets: {},
    seeds: 1,
    async *trial(seed, context): AsyncGenerator<Measurement, void> {
      const { executor, signal, quick } = context;
      for await (const event of audit([scenario([attack()], quick)], { executor, seed, signal, diagnosis: false })) {
        if (event.kind === "failure") yield failedMeasurement(event.record.error.message);
        if (event.kind !== "result") continue;
        yield { ...measurementOf(event.record), attack: name };
      }
    },
  };
}

export const lampCases: readonly BenchCase[] = [
  {
    id,
    suite: "search",
    // The lower end of the interval of ROUGE-1 lies above the upper end of the floor's; the pooler term is at least as good in the mean of the pairs.
    targets: { ms: "<=6", rouge1_above_floor: ">=0", pooler_gain: ">=0" },
    seeds: 1,
    trial: judged,
  },
  baseline("tag", () => tag()),
  baseline("dlg", () => dlgText()),
];
