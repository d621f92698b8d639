import { leakyRelu, linear, logSoftmax, mean, mul, onnxruntime, relu, sum } from "@recon/engine";
import { expect, test } from "vitest";
import { gradient } from "../operators/gradient.ts";
import type { Model, Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { drawNormal } from "../testing/draw.ts";
import { observeBatch } from "../testing/evaluate.ts";
import { plantCase } from "../testing/planted-case.ts";
import { testAttack } from "../testing/test-attack.ts";
import { spear } from "./spear.ts";

/** inputs → hidden ReLU → classes, cross-entropy; weights of a size at which neither softmax nor pre-activations saturate. */
function reluNet(inputs = 30, hidden = 80, classes = 5): Model {
  const shapes = { w1: [hidden, inputs], b1: [hidden], w2: [classes, hidden], b2: [classes] };
  return {
    name: "relu-net",
    options: { inputs, hidden, classes },
    parameters: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    input: { shape: [inputs] },
    target: { shape: [classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (random: Rng) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const drawn = drawNormal(shape, random.split(name));
          const scale = name === "w1" ? 1 / Math.sqrt(inputs) : name === "w2" ? 1 / Math.sqrt(hidden) : 0.3;
          return [name, { shape, data: Float64Array.from(drawn.data, (value) => scale * value) }];
        }),
      ),
    forward: (p, data) => linear(relu(linear(data.input!, p.w1!, p.b1!)), p.w2!, p.b2!),
    loss: (output, data) => mul(mean(sum(mul(logSoftmax(output), data.target!), [1])), -1),
  };
}

const executor = () => onnxruntime({ threads: 1 });
const reference = (random: Rng) => plantCase(random, { model: reluNet(), batch: 4, known: { batchSize: 4 } });
/** A head of zeros: no error reaches the layer. */
const silent = (random: Rng): Problem => {
  const { params } = reference(random).problem;
  const w2 = { shape: params.w2!.shape, data: new Float64Array(params.w2!.data.length) };
  return plantCase(random, { model: reluNet(), params: { ...params, w2 }, batch: 4 }).problem;
};

testAttack(spear, {
  reference,
  tolerance: 1e-8,
  refused: (random) => plantCase(random, { batch: 2 }).problem,
  unidentifiable: silent,
  executor,
  drawn: anyCase,
  runs: 3,
});

/** Batches of every sort: solvable, saturated in rank, too large for the layer, with repeated samples, of a known size or not, in either precision. */
function anyCase(random: Rng) {
  const [inputs, hidden, classes] = [2 + random.integer(12), 4 + random.integer(60), 2 + random.integer(4)];
  const batch = 1 + random.integer(6);
  const told = random.uniform() < 0.5;
  return plantCase(random.split("case"), {
    model: reluNet(inputs, hidden, classes),
    batch,
    precision: random.uniform() < 0.5 ? "float64" : "float32",
    ...(told && { known: { batchSize: batch } }),
  });
}

async function solve(problem: Problem, signal = new AbortController().signal): Promise<Solution> {
  const runner = executor();
  try {
    const context = { executor: runner, budget: { evaluations: 10 }, rng: rng("test"), signal };
    for await (const event of spear().run(problem, context)) if (event.kind === "solution") return event;
    throw new Error("no solution");
  } finally {
    await runner.dispose();
  }
}

test("finds the number of samples by itself, and says so", async () => {
  const { problem, truth } = plantCase(rng(3), { model: reluNet(), batch: 3 });
  const { value, certificate, verdict, given } = await solve(problem);
  expect(batchError(value.input, truth.input)).toBeLessThan(1e-9);
  expect(given).not.toContain("batchSize");
  expect(certificate.level).toBe("exact");
  expect(verdict).toBe("recovered");
});

/** A batch with its samples chosen and, if asked, relabelled. */
function batchOf(seed: number, places: readonly number[], labels: readonly number[], known = {}) {
  const model = reluNet();
  const { problem, truth } = plantCase(rng(seed), { model, batch: 4 });
  const item = (i: number): number[] => Array.from(truth.input.data.slice(i * 30, (i + 1) * 30));
  const batch = {
    input: { shape: [places.length, 30], data: Float64Array.from(places.flatMap(item)) },
    target: {
      shape: [places.length, 5],
      data: Float64Array.from(labels.flatMap((label) => Array.from({ length: 5 }, (_, k) => Number(k === label)))),
    },
  };
  const observation = observeBatch(gradient(), model, problem.params, batch);
  return { problem: { ...problem, observation, knowledge: { ...problem.knowledge, ...known } }, truth: batch };
}

test("finds repeated samples as often as they are in the batch, with one label or with several", async () => {
  for (const labels of [
    [0, 0, 1, 2],
    [0, 3, 1, 2],
  ]) {
    const { problem, truth } = batchOf(5, [0, 0, 1, 2], labels, { batchSize: 4 });
    const { value, certificate, verdict } = await solve(problem);
    expect(batchError(value.input, truth.input)).toBeLessThan(1e-9);
    expect(certificate.level).toBe("exact");
    expect(verdict).toBe("recovered");
  }
});

test("does not claim a batch in which it cannot count repeated samples", async () => {
  const { problem } = batchOf(5, [0, 0, 1, 2], [0, 3, 1, 2]);
  const { certificate, verdict } = await solve(problem);
  expect(certificate.level).not.toBe("exact");
  expect(verdict).not.toBe("recovered");
});

test("says that a sample which activates no neuron leaves no trace", async () => {
  const { problem, truth } = batchOf(6, [0, 1, 2], [0, 1, 2]);
  const dead = new Float64Array(30);
  const bias = problem.params.b1!;
  const params = { ...problem.params, b1: { shape: bias.shape, data: bias.data.map((value) => -Math.abs(value)) } };
  const input = { shape: [4, 30], data: Float64Array.from([...truth.input.data, ...dead]) };
  const target = { shape: [4, 5], data: Float64Array.from([...truth.target.data, 1, 0, 0, 0, 0]) };
  const observation = observeBatch(gradient(), problem.model, params, { input, target });
  const { certificate, verdict, reason } = await solve({
    ...problem,
    params,
    observation,
    knowledge: { ...problem.knowledge, batchSize: 4 },
  });
  expect(certificate.level).not.toBe("exact");
  expect(verdict).toBe("not identifiable");
  expect(reason).toMatch(/1 of the 4 samples left no trace/);
});

test("says that a layer is too narrow", async () => {
  const { problem } = plantCase(rng(7), { model: reluNet(30, 12), batch: 9, known: { batchSize: 9 } });
  const { verdict, reason } = await solve(problem);
  expect(verdict).toBe("not identifiable");
  expect(reason).toMatch(/too few for 9 samples/);
});

test("does not apply where no error vanishes, and says why", () => {
  const model = reluNet();
  const leaky: Model = {
    ...model,
    forward: (p, data) => linear(leakyRelu(linear(data.input!, p.w1!, p.b1!), 0.1), p.w2!, p.b2!),
  };
  const { problem } = plantCase(rng(8), { model: leaky, batch: 2 });
  expect(spear().applies(problem)).toEqual({
    reason: expect.stringMatching(/leaky ReLU .* slope 0.1 .* no entry vanishes/),
  });
});
