import { add, linear, logSoftmax, mean, mul, neg, onnxruntime, relu, sum } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { update } from "../operators/update.ts";
import type { Model, Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { drawBatch, drawNormal } from "../testing/draw.ts";
import { observeBatch } from "../testing/evaluate.ts";
import { plantCase, referenceDomain } from "../testing/planted-case.ts";
import { testAttack } from "../testing/test-attack.ts";
import { applicable } from "./applicable.ts";
import { fedavg } from "./fedavg.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** inputs → hidden ReLU → classes, cross-entropy. */
function reluNet(inputs: number, hidden: number, classes: number): Model {
  const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [classes, hidden], b2: [classes] };
  return {
    name: "relu-net",
    options: {},
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [inputs] },
    target: { shape: [classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (random) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const { data } = drawNormal(shape, random.split(name));
          return [name, { shape, data: Float64Array.from(data, (value) => value / Math.sqrt(shape[1] ?? 4)) }];
        }),
      ),
    forward: (p, { input }) => add(linear(relu(add(linear(input!, p.w1!), p.b1!)), p.w2!), p.b2!),
    loss: (output, { target }) => neg(mean(sum(mul(target!, logSoftmax(output)), [1]))),
  };
}

const model = reluNet(12, 40, 5);

function observed(options: Parameters<typeof update>[0], seed: number) {
  const random = rng(seed);
  const params = model.init(random.split("weights"));
  const truth = drawBatch(model, 3, random.split("batch"));
  const operator = update(options);
  const problem: Problem = {
    model,
    params,
    operator,
    defences: [],
    observation: observeBatch(operator, model, params, truth),
    observationPrecision: "float64",
    knowledge: Object.fromEntries(
      ["architecture", "weights", "lossKind", "lossReduction", "localSteps", "localLr"]
        .map((flag): [string, true | number] => [flag, true])
        .concat([["batchSize", 3]]),
    ),
    domain: referenceDomain([12]),
  };
  return { problem, truth };
}

async function attacked(problem: Problem, seed = 1): Promise<Solution> {
  const budget = { evaluations: 20 };
  const context = { executor, budget, rng: rng(seed), signal: new AbortController().signal };
  for await (const event of fedavg().run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

/** Largest distance of a true sample from the nearest one that was found. */
function farthest({ value }: Solution, truth: { readonly data: ArrayLike<number> }): number {
  const [n, found, wanted] = [12, Array.from(value.input!.data), Array.from(truth.data)];
  const row = (from: readonly number[], i: number) => from.slice(i * n, (i + 1) * n);
  return Math.max(
    ...[0, 1, 2].map((i) =>
      Math.min(...[0, 1, 2].map((j) => Math.hypot(...row(wanted, i).map((x, k) => x - row(found, j)[k]!)))),
    ),
  );
}

test.each([
  ["five steps on all", { steps: 5, rate: 0.1 }],
  ["momentum and decay", { steps: 4, rate: 0.1, momentum: 0.9, weightDecay: 0.01 }],
  ["decoupled decay", { steps: 4, rate: 0.1, weightDecay: 0.05, decoupled: true }],
  ["mini-batches", { localBatch: 2, epochs: 2, rate: 0.1 }],
] as const)("recovers a batch and its labels from %s", { timeout: 120_000 }, async (_, options) => {
  const { problem, truth } = observed(options, 3);
  const solution = await attacked(problem);
  expect(solution).toMatchObject({ verdict: "recovered", certificate: { level: "exact" } });
  expect(solution.residual).toBeLessThan(1e-10);
  expect(farthest(solution, truth.input)).toBeLessThan(1e-9);
});

/** The same, had the weights not changed. */
function still(problem: Problem): Problem {
  const observation = Object.fromEntries(
    Object.entries(problem.observation).map(([name, { shape, data }]) => [name, { shape, data: data.map(() => 0) }]),
  );
  return { ...problem, observation };
}

test("an update of zero is not identifiable, and says why", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1 }, 1);
  const solution = await attacked(still(problem));
  expect(solution.verdict).toBe("not identifiable");
  expect(solution.reason).toMatch(/the weights did not change/);
});

const known = { batchSize: 2, localSteps: true, localLr: true };
const small = { model: reluNet(12, 40, 5), batch: 2, known };
const reference = (random: Rng) => plantCase(random, { ...small, operator: update({ steps: 2, rate: 0.1 }) });

describe("laws", () => {
  testAttack(fedavg, {
    reference,
    tolerance: 1e-8,
    refused: (random) => plantCase(random, small).problem,
    unidentifiable: (random) => still(reference(random).problem),
    evaluations: 5000,
    runs: 1,
    timeoutMs: 120_000,
  });
});

test("says which knowledge it used, and refuses without what the steps were taken with", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1, momentum: 0.5, weightDecay: 0.1 }, 2);
  expect(applicable(fedavg(), problem)).toMatchObject({ reason: expect.stringMatching(/told momentum, weightDecay/) });
  const told = { ...problem, knowledge: { ...problem.knowledge, momentum: 0.5, weightDecay: 0.1 } };
  const { given } = await attacked(told);
  expect(given).toEqual(expect.arrayContaining(["localSteps", "localLr", "momentum", "weightDecay"]));
  expect(given).not.toContain("localSchedule");
});

test("an update of nothing but decay is not identifiable either", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1, weightDecay: 0.1 }, 1);
  const share = problem.operator.localTraining!(3).drift;
  const decay = Object.fromEntries(
    Object.entries(problem.params).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value) => share * value) },
    ]),
  );
  const solution = await attacked({ ...problem, observation: decay });
  expect(solution.verdict).toBe("not identifiable");
  expect(solution.reason).toMatch(/changed by nothing but their decay/);
});
