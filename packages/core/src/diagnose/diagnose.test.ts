import { add, linear, matmul, onnxruntime, tanh } from "@recon/engine";
import { expect, test } from "vitest";
import { analytic } from "../attacks/analytic.ts";
import { automatic } from "../attacks/automatic.ts";
import { layerRecursion } from "../attacks/layer-recursion.ts";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { update } from "../operators/update.ts";
import type { Attack, Model, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { recordJson } from "../run-folder.ts";
import { drawNormal } from "../testing/draw.ts";
import { guardProblem } from "../testing/guarded-problem.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { diagnose } from "./diagnose.ts";
import { checkDiagnosis } from "./diagnosis-shape.ts";

const executor = onnxruntime({ threads: 1 });
const solvers = [analytic(), layerRecursion()];
const look = (problem: Problem, more = {}) => diagnose(problem, { executor, rng: rng("look"), solvers, ...more });
const wide = referenceModel({ inputs: 8, hidden: 12, classes: 6 });
const narrow = referenceModel({ inputs: 30, hidden: 3, classes: 4 });

test("one sample, told: determined by the count, and the solvers that apply are named", async () => {
  const { problem } = plantCase(rng(1), { model: wide, known: { batchSize: 1 } });
  const found = await look(problem);
  expect(found.determined).toBe("open");
  expect(found.batch).toEqual({ size: 1, source: "told", finding: { atLeast: 1, established: true } });
  expect(found.count).toMatchObject({ unknowns: 8, bound: 8 });
  expect(found.jacobian).toMatchObject({ kind: "measured", rank: 8, unknowns: 8 });
  expect(found.solvers.map(({ solver, applies }) => [solver, applies])).toEqual([
    ["analytic", true],
    ["recursion", true],
  ]);
  expect(found.summary).toContain("Exact solvers that apply: analytic, recursion.");
});

test("after several local steps only the layer that the data enters counts samples", async () => {
  for (const [steps, weightDecay] of [
    [5, 0],
    [2, 0.1],
  ] as const) {
    const known = { batchSize: 2, localSteps: true, localLr: true, weightDecay: true };
    const operator = update({ steps, rate: 0.5, weightDecay });
    const { problem } = plantCase(rng(4), { model: wide, batch: 2, operator, known });
    const { ranks, batch, summary } = await look(problem);
    // Behind it every step sees other inputs, and decay adds the weights themselves.
    expect(ranks.at(-1)!.rank).toBeGreaterThan(2);
    expect(ranks.map(({ shared }) => shared)).toEqual([weightDecay > 0, true]);
    expect(batch.finding.atLeast).toBe(weightDecay > 0 ? 0 : 2);
    expect(summary).not.toContain("distinct inputs");
  }
});

test("a batch size that nobody told comes from the ranks, and rules out solvers of one sample", async () => {
  const { problem } = plantCase(rng(2), { model: wide, batch: 3 });
  const found = await look(problem);
  expect(found.batch).toEqual({ size: 3, source: "ranks", finding: { atLeast: 3, established: true } });
  expect(found.ranks.map(({ layer, rank }) => [layer, rank])).toEqual([
    ["w1", 3],
    ["w2", 3],
  ]);
  const [ratio] = found.solvers;
  expect(ratio).toMatchObject({ applies: false, would: "with B = 1" });
  expect(ratio!.reason).toContain("the ranks show 3 samples or more");
});

test("the ranks do not ask which way round a weight is stored", async () => {
  const turned: Model = {
    ...wide,
    parameters: { ...wide.parameters, w1: { shape: [8, 12] } },
    forward: (p, data) => linear(tanh(add(matmul(data.input!, p.w1!), p.b1!)), p.w2!, p.b2!),
    init: (seed) => ({ ...wide.init(seed), w1: drawNormal([8, 12], seed.split("w1")) }),
  };
  const found = await look(plantCase(rng(2), { model: turned, batch: 3 }).problem);
  expect(found.ranks[0]).toMatchObject({ layer: "w1", rows: 12, columns: 9, rank: 3 });
});

test("a narrow net: not determined, from which layer on, and up to which batch", async () => {
  const { problem } = plantCase(rng(3), { model: narrow, batch: 2, known: { batchSize: 2 } });
  const found = await look(problem);
  // 2 · 3 features, and the rest of what they do not determine: dW₁ with 90 entries is more than 60 unknowns leave room for.
  expect(found.count.unknowns).toBe(60);
  expect(found.count.bound).toBe(60);
  const many = await look(plantCase(rng(3), { model: narrow, batch: 5, known: { batchSize: 5 } }).problem);
  // 5 · 3 + 90 numbers for 150 unknowns; at B = 3, 9 + 90 for 90.
  expect(many).toMatchObject({ determined: "no", largestCountedBatch: 3, count: { bound: 105, losesAt: "w1" } });
  expect(many.summary).toContain(
    "Not determined at B = 5: the observation holds at most 105 independent numbers about 150 unknowns",
  );
  expect(many.jacobian!.rank).toBeLessThanOrEqual(105);
  expect(many.jacobian!.smallest).toBe(0);
});

test("what is missing is said: knowledge, a bias, a quiet channel", async () => {
  const { problem } = plantCase(rng(4), { model: wide, known: { batchSize: 1 } });
  const needing = (name: string, applies: Attack["applies"], needs: readonly string[] = []): Attack => ({
    ...analytic(),
    name,
    needs,
    applies,
  });
  const noisy = { ...problem, defences: [gaussianNoise({ std: 0.01 })] };
  const { solvers: outlook } = await look(noisy, {
    solvers: [
      needing("labels", () => true, ["labels"]),
      needing("quiet", ({ defences }) => defences.length === 0 || { reason: "there is noise" }),
      needing(
        "both",
        ({ defences, knowledge }) => (defences.length === 0 && knowledge.labels !== undefined) || { reason: "no" },
      ),
      needing("told", () => true, ["mask", "momentum"]),
      needing("never", () => ({ reason: "it is never right" })),
    ],
  });
  expect(outlook.map(({ would }) => would)).toEqual([
    "with the labels",
    "without gaussian-noise",
    "with the labels and without gaussian-noise",
    "with mask, momentum known",
    undefined,
  ]);
});

test("reads nothing but the problem, changes nothing, and is plain JSON that a run folder takes back", async () => {
  const guarded = guardProblem(plantCase(rng(5), { model: narrow, batch: 4, known: { batchSize: 4 } }).problem);
  const found = await look(guarded.problem);
  guarded.demandUntouched();
  const stored = JSON.parse(recordJson(found));
  expect(checkDiagnosis(stored, "diagnosis")).toEqual(found);
  expect(await look(guarded.problem)).toEqual(found);
  expect(() => checkDiagnosis({ ...stored, determined: "yes" }, "diagnosis")).toThrow(/diagnosis.determined/);
});

async function solve(attack: Attack, problem: Problem): Promise<Solution> {
  const context = { executor, budget: { evaluations: 10 }, rng: rng("auto"), signal: new AbortController().signal };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

/** A search that finds nothing, and says which problem it was given. */
const futile: Attack = {
  ...analytic(),
  name: "futile",
  applies: () => true,
  run: async function* (problem) {
    const size = problem.knowledge.batchSize as number;
    const blank = (shape: readonly number[]) => ({
      shape: [size, ...shape],
      data: new Float64Array(size * shape.reduce((n, extent) => n * extent, 1)),
    });
    yield {
      kind: "solution",
      value: { input: blank(problem.model.input.shape), target: blank(problem.model.target.shape) },
      certificate: { level: "none", reason: "" },
      residual: 1,
      given: [],
      evaluations: 1,
      verdict: "budget spent",
      reason: "It ended.",
      trace: [],
    };
  },
};

test("auto starts no exact solver where the count excludes it, and its verdict says so", async () => {
  const eager: Attack = {
    ...analytic(),
    name: "eager",
    applies: () => true,
    run: () => {
      throw new Error("It must not be started.");
    },
  };
  const { problem } = plantCase(rng(6), { model: narrow, batch: 5, known: { batchSize: 5 } });
  const found = await solve(automatic({ exact: [eager], search: [futile] }), problem);
  expect(found.verdict).toBe("not identifiable");
  expect(found.reason).toContain("at most 105 independent numbers about 150 unknowns");
  expect(found.explanation).toContain("eager was not tried: no solution can be exact");
});

test("auto still answers where everything is ruled out and nothing searches", async () => {
  const { problem } = plantCase(rng(2), { model: wide, batch: 3 });
  const found = await solve(automatic({ exact: [analytic()], search: [] }), problem);
  expect(found.verdict).not.toBe("recovered");
  expect(found.explanation).toContain("As nothing else could start, analytic was");
});

test("auto leaves a verdict alone where the count excludes nothing", async () => {
  const { problem } = plantCase(rng(7), { model: wide, batch: 2, known: { batchSize: 2 } });
  expect((await solve(automatic({ exact: solvers, search: [futile] }), problem)).verdict).toBe("budget spent");
});

test("a weight that is used again and again has one rank, which counts places and not samples", async () => {
  const base = referenceModel({ inputs: 4, hidden: 4, classes: 3 });
  const folded: Model = {
    ...base,
    forward: (p, data) => {
      const once = tanh(linear(data.input!, p.w1!, p.b1!));
      return linear(tanh(linear(once, p.w1!, p.b1!)), p.w2!, p.b2!);
    },
  };
  const { problem } = plantCase(rng(9), { model: folded, known: { batchSize: 1 } });
  const { ranks } = await look(problem);
  expect(ranks.map(({ layer, shared }) => [layer, shared])).toEqual([
    ["w1", true],
    ["w2", false],
  ]);
});

test("what the search of a composition sees coming is said too", async () => {
  const { problem } = plantCase(rng(10), { model: wide, known: { batchSize: 1 } });
  const [search] = solvers;
  const seeing: Attack = { ...search!, name: "seeing", foresee: async () => "It sees something." };
  const { foreseen } = await look(problem, { attacks: [automatic({ exact: [], search: [seeing] })] });
  expect(foreseen).toEqual([{ attack: "auto", what: "It sees something." }]);
});
