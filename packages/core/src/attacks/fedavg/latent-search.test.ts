import { mul, onnxruntime, square, sum, tanh } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import type { GeneratorPrior } from "../../problem.ts";
import { drawNormal } from "../../testing/draw.ts";
import { attacked, observed, twoLayerNet } from "../fixtures/two-layer-update.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** No neuron is ever off, so that nothing tells the samples apart without a search. */
const model = twoLayerNet({ inputs: 6, hidden: 24, classes: 5, activation: tanh });
const batch = 2;

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
    const { problem, truth } = observed(model, batch, { steps: 5, rate: 0.1 }, seed);
    const solution = await attacked(executor, problem, { priors: [normal] });
    const right = [0, 1].some((turned) => {
      const error = (name: "input" | "target"): number => {
        const [ours, real] = [solution.value[name]!.data, truth[name]!.data];
        const size = real.length / batch;
        return Math.max(...Array.from(real, (value, i) => Math.abs(value - ours[(i + turned * size) % real.length]!)));
      };
      return error("input") < 0.1 && error("target") < 1e-9;
    });
    if (right) found++;
  }
  expect(found).toBeGreaterThanOrEqual(2);
});
