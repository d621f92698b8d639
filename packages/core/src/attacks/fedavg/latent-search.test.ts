import { add, linear, logSoftmax, mean, mul, neg, onnxruntime, square, sum, tanh } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { update } from "../../operators/update.ts";
import type { GeneratorPrior, Model, Problem, Solution } from "../../problem.ts";
import { rng } from "../../random.ts";
import { drawBatch, drawNormal } from "../../testing/draw.ts";
import { observeBatch } from "../../testing/evaluate.ts";
import { referenceDomain } from "../../testing/planted-case.ts";
import { fedavg } from "../fedavg.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const [inputs, hidden, classes, batch] = [6, 24, 5, 2];
const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [classes, hidden], b2: [classes] };

/** No neuron is ever off, so that nothing tells the samples apart without a search. */
const model: Model = {
  name: "tanh-net",
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
  forward: (p, { input }) => add(linear(tanh(add(linear(input!, p.w1!), p.b1!)), p.w2!), p.b2!),
  loss: (output, { target }) => neg(mean(sum(mul(target!, logSoftmax(output)), [1]))),
};

/** x = z. */
const normal: GeneratorPrior = {
  kind: "generator",
  name: "normal",
  options: {},
  init: (shape, random) => ({ z: drawNormal(shape, random) }),
  decode: ({ z }) => z!,
  latentEnergy: ({ z }) => mul(sum(square(z!)), 0.5),
};

test("finds data and labels behind several steps of a net without a closed form", async () => {
  let found = 0;
  for (const seed of [1, 2, 3]) {
    const random = rng(`latent search ${seed}`);
    const params = model.init(random.split("weights"));
    const truth = drawBatch(model, batch, random.split("batch"));
    const operator = update({ steps: 5, rate: 0.1 });
    const told = ["architecture", "weights", "lossKind", "lossReduction", "localSteps", "localLr"];
    const problem: Problem = {
      ...{ model, params, operator, defences: [], observationPrecision: "float64" },
      observation: observeBatch(operator, model, params, truth),
      knowledge: { ...Object.fromEntries(told.map((flag) => [flag, true])), batchSize: batch },
      domain: referenceDomain([inputs]),
    };
    const solution = await last(problem, seed);
    const right = [0, 1].some((turned) => {
      const same = (name: "input" | "target"): number => {
        const [ours, real] = [solution.value[name]!.data, truth[name]!.data];
        const size = real.length / batch;
        return Math.max(...Array.from(real, (value, i) => Math.abs(value - ours[(i + turned * size) % real.length]!)));
      };
      return same("input") < 0.1 && same("target") < 1e-9;
    });
    if (right) found++;
  }
  expect(found).toBeGreaterThanOrEqual(2);
});

async function last(problem: Problem, seed: number): Promise<Solution> {
  const budget = { evaluations: 5000 };
  const run = fedavg({}, [normal]).run(problem, {
    ...{ executor, budget, rng: rng(seed), signal: new AbortController().signal },
  });
  let solution: Solution | undefined;
  for await (const event of run) if (event.kind === "solution") solution = event;
  return solution!;
}
