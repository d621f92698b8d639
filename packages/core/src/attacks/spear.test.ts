import { linear, logSoftmax, mean, mul, onnxruntime, relu, sum } from "@recon/engine";
import { expect, test } from "vitest";
import type { Model, Problem, Solution } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { drawNormal } from "../testing/draw.ts";
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
});

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
