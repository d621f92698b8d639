import { type Arrays, interpret, type NdArray, onnxruntime, relu, sigmoid } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { matchingStep } from "./matching-step.ts";
import type { Network } from "./network.ts";
import { convolutional, leNetStages, threeByThree } from "./networks/convolutional.ts";
import { graphConvolution } from "./networks/graph-convolution.ts";
import { perceptron } from "./networks/perceptron.ts";
import { recurrent } from "./networks/recurrent.ts";
import { residual } from "./networks/residual.ts";
import { transformer } from "./networks/transformer.ts";

const executor = onnxruntime({ threads: 1, idlePrograms: 0 });
afterAll(() => executor.dispose());

/** Every measured network, small enough for the interpreter; the wide ones have layers large enough for every pass to apply. */
const reduced: Readonly<Record<string, () => Network>> = {
  mlp: () => perceptron([1, 3, 8, 8], [192, 256, 200, 10]),
  lenet: () => convolutional(1, 16, leNetStages(6), sigmoid),
  conv7: () =>
    convolutional(
      2,
      8,
      threeByThree([
        [4, 1],
        [6, 2],
        [6, 2],
        [8, 2],
      ]),
      relu,
    ),
  resnet18: () => residual(1, 8, [4, 6, 8]),
  "bert, two examples": () => transformer({ batch: 2, positions: 5, width: 12, heads: 3, hidden: 24, layers: 2 }),
  "bert, wide": () => transformer({ batch: 1, positions: 4, width: 192, heads: 2, hidden: 200, layers: 1 }),
  gru: () => recurrent(1, 9, 8, 5),
  "gru, two examples": () => recurrent(2, 5, 6, 3),
  gcn: () => graphConvolution(6, 10, 12),
  "gcn, wide": () => graphConvolution(5, 190, 200),
};

function distance(a: NdArray, b: NdArray): number {
  let [difference, size] = [0, 0];
  b.data.forEach((value, i) => {
    difference += (a.data[i]! - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

const wide = (arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

describe("the second-order gradient of every measured network agrees with the interpreter", () => {
  test.each(Object.entries(reduced))("%s", async (_name, network) => {
    const { graph, constants, inputs } = matchingStep(network(), 2);
    const expected = interpret(graph, { ...constants, ...inputs });
    expect(expected.gradient!.data.some((value) => value !== 0)).toBe(true);
    for (const [precision, bound] of [
      ["float32", 1e-4],
      ["float64", 1e-10],
    ] as const) {
      const program = await executor.compile(graph, { precision, constants: wide(constants) });
      const actual = await program.run(wide(inputs));
      await program.dispose();
      expect(actual.gradient!.shape).toEqual(graph.inputs.x!.shape);
      expect(distance(actual.gradient!, expected.gradient!), precision).toBeLessThan(bound);
      expect(Math.abs(actual.distance!.data[0]! - expected.distance!.data[0]!), precision).toBeLessThan(bound);
    }
  });
});
