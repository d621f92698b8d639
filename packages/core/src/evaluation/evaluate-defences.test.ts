import { onnxruntime } from "@recon/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { analytic } from "../attacks/index.ts";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { clipPerSample } from "../defences/operator/clip-per-sample.ts";
import { defaultKnowledge } from "../knowledge.ts";
import { gradient } from "../operators/gradient.ts";
import { rng } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { referenceModel } from "../testing/index.ts";
import { accuracy, defendedAccuracy } from "./defended-training.ts";
import { type EvaluationEvent, type EvaluationOptions, evaluateDefences } from "./evaluate-defences.ts";
import type { EvaluationRecord } from "./evaluation-record.ts";
import { clusters } from "./fixtures/clusters.ts";
import { pairsOf } from "./paired-defences.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = referenceModel({ inputs: 6, hidden: 10, classes: 3 });
const source = clusters(6, 3, 300);
const scenario: Scenario = {
  id: "clusters",
  title: "",
  summary: "",
  model,
  source,
  batch: 1,
  operator: gradient(),
  defences: [],
  observationPrecision: "float64",
  known: defaultKnowledge,
  attacks: [analytic()],
  trials: 6,
  budget: { evaluations: 10 },
  onError: "skip",
  audit: {},
};

const options = (signal: AbortSignal): EvaluationOptions => ({
  title: "Two defences",
  scenario,
  families: [
    {
      name: "gaussian-noise",
      parameter: "std",
      strengths: [0.01, 0.3, 10],
      at: (std) => [gaussianNoise({ std })],
    },
    {
      name: "clip-per-sample",
      parameter: "threshold",
      strengths: [10, 1e-3],
      at: (threshold) => [clipPerSample({ threshold })],
    },
  ],
  levels: [1, 20],
  training: { budget: { steps: 60, batch: 6 }, rates: [0.3], seeds: 2, train: 200, test: 90 },
  executor,
  seed: 1,
  signal,
});

describe("evaluateDefences", () => {
  const events: EvaluationEvent[] = [];
  let record: EvaluationRecord;
  beforeAll(async () => {
    for await (const event of evaluateDefences(options(new AbortController().signal))) events.push(event);
    const records = events.flatMap((event) => (event.kind === "record" ? [event.record] : []));
    record = records.at(-1)!;
    expect(records.map(({ complete }) => complete)).toEqual([false, false, false, true]);
  }, 60_000);

  it("measures what each strength costs: large noise all that was learnt, small noise nothing", () => {
    expect(record.training.accuracy).toBeGreaterThan(85);
    const [noise] = record.curves;
    expect(noise!.points.map(({ strength }) => strength)).toEqual([0.01, 0.3, 10]);
    expect(noise!.points[0]!.loss).toBeLessThan(8);
    expect(noise!.points[2]!.loss).toBeGreaterThan(30);
    for (const { points } of record.curves) {
      for (const [i, { loss }] of points.entries()) expect(loss).toBeGreaterThanOrEqual(points[i - 1]?.loss ?? 0);
    }
  });

  it("scores the attack told of the defence and not, with floor, bound and ε or the reason why not", () => {
    const noisy = record.cells.find((cell) => cell.defence === "gaussian-noise" && cell.level === 20)!;
    expect(noisy.strength).toBeGreaterThan(0.01);
    expect(noisy.strength).toBeLessThan(10);
    expect(noisy.outcomes.map(({ adaptive }) => adaptive)).toEqual([true, false]);
    expect(noisy.strongest).toEqual({ adaptive: "analytic", oblivious: "analytic" });
    expect(noisy.outcomes[0]!.score!.mean).toBeGreaterThan(1e-3);
    expect(noisy.floor!.mean).toBeGreaterThan(1);
    // The attack cannot be below the bound, and the bound not above the blind guess on data of that size.
    expect(noisy.bound!.kind).toBe("lower");
    expect(noisy.bound!.value).toBeGreaterThan(0);
    expect(noisy.bound!.value).toBeLessThan(Math.min(noisy.outcomes[0]!.score!.bounds![1], noisy.floor!.bounds![1]));
    expect(noisy.missing.privacy).toMatch(/Noise without clipping has no epsilon/);
    const clipped = record.cells.find((cell) => cell.defence === "clip-per-sample")!;
    expect(clipped.missing.bound).toMatch(/without noise nothing keeps an attacker from being exact/);
    expect(clipped.missing.privacy).toMatch(/No noise is added/);
    // One sample, clipped, is still its gradient up to a factor: the division gives it back.
    expect(clipped.outcomes[0]!.score!.mean).toBeLessThan(1e-9);
  });

  it("pairs the defences at equal utility: noise leaves more than clipping", () => {
    const pair = record.pairs.find(({ level }) => level === 20)!;
    expect([pair.stronger, pair.weaker]).toEqual(["gaussian-noise", "clip-per-sample"]);
    expect(pair.difference.bounds![0]).toBeGreaterThan(0);
  });

  it("says the progress it makes, and stops where it is told to", async () => {
    const fractions = events.flatMap((event) => (event.kind === "progress" ? [event.fraction] : []));
    for (const [i, fraction] of fractions.entries()) expect(fraction).toBeGreaterThanOrEqual(fractions[i - 1] ?? 0);
    const stop = new AbortController();
    const seen: EvaluationEvent[] = [];
    for await (const event of evaluateDefences(options(stop.signal))) {
      seen.push(event);
      if (event.kind === "record") stop.abort();
    }
    expect(seen.at(-1)).toMatchObject({ kind: "record", record: { complete: false } });
  });
});

describe("training with a defence on", () => {
  const items = async (from: number, to: number) => {
    const { stack } = await import("../arrays.ts");
    const data = await source.open();
    const list = await Promise.all(Array.from({ length: to - from }, (_, i) => data.item(from + i)));
    return { input: stack(list.map((item) => item.input)), target: stack(list.map((item) => item.target)) };
  };

  it("is deterministic under the seed, and learns", async () => {
    const [train, test] = [await items(0, 200), await items(200, 300)];
    const run = () =>
      defendedAccuracy({
        model,
        operator: gradient(),
        defences: [],
        train,
        test,
        budget: { steps: 60, batch: 6, rate: 0.3 },
        executor,
        rng: rng(5),
        signal: new AbortController().signal,
      });
    const first = await run();
    expect(first).toBeGreaterThan(80);
    expect(await run()).toBe(first);
    expect(await accuracy(model, model.init(rng(6)), test, executor)).toBeLessThan(80);
  });
});

it("a trial that failed on either side is no pair", () => {
  const cell = (defence: string, trials: (number | null)[]) => ({
    defence,
    level: 1,
    outcomes: [
      { attack: "a", adaptive: true, score: { mean: trials[0] ?? 0, bounds: null, count: 1 }, trials, failures: 0 },
    ],
    strongest: { adaptive: "a" },
    missing: {},
  });
  const pairs = pairsOf([cell("x", [1, null, 3]), cell("y", [2, 5, null])], "lower", rng(1));
  expect(pairs).toEqual([{ level: 1, stronger: "y", weaker: "x", difference: { mean: 1, bounds: null, count: 1 } }]);
});
