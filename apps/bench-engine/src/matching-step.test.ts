import { type Arrays, interpret, nodesOf, onnxruntime, optimise } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { gigaOperations } from "./arithmetic-count.ts";
import { cases } from "./cases.ts";
import { matchingStep } from "./matching-step.ts";

const lenet = cases.find((c) => c.name === "lenet")!;

describe("the measured step", () => {
  test("LeNet: the gradient is the derivative of the distance (finite differences in float64)", async () => {
    const { graph, constants, inputs } = matchingStep(lenet.network(), 3);
    const executor = onnxruntime({ threads: 1 });
    const program = await executor.compile(graph, { precision: "float64", constants });
    const wide = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
    );
    const gradient = (await program.run(wide)).gradient!.data;
    const x = wide.x!;
    const direction = Float64Array.from(x.data, (_, i) => Math.sin(i));
    const at = async (t: number): Promise<number> => {
      const moved = { shape: x.shape, data: x.data.map((value, i) => value + t * direction[i]!) };
      return (await program.run({ ...wide, x: moved } as Arrays)).distance!.data[0]!;
    };
    const step = 1e-4;
    const slope = ((await at(step)) - (await at(-step))) / (2 * step);
    const expected = direction.reduce((total, d, i) => total + d * gradient[i]!, 0);
    await executor.dispose();
    expect(Math.abs(slope - expected)).toBeLessThan(1e-6 * Math.abs(expected));
  });

  test("equal seeds draw equal numbers, others do not", () => {
    const draw = (seed: number) => matchingStep(lenet.network(), seed).inputs.x!.data;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test("an evaluation's first value is the distance of the reference interpreter", async () => {
    const { graph, constants, inputs } = matchingStep(lenet.network(), 5);
    const executor = onnxruntime({ threads: 1 });
    const { distance } = await (await executor.compile(graph, { constants })).run(inputs);
    await executor.dispose();
    const { outputs, ...rest } = graph;
    const value = interpret({ ...rest, outputs: { distance: outputs.distance! } }, { ...constants, ...inputs });
    expect(Math.abs(distance!.data[0]! - value.distance!.data[0]!)).toBeLessThan(1e-5);
  });

  test("conv7 has 593 418 weights and takes seven convolution-sized products a layer", () => {
    const network = cases.find((c) => c.name === "conv7")!.network();
    const weights = Object.values(network.parameters).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
    expect(weights).toBe(593_418);
    const { graph } = matchingStep(network, 1);
    const after = optimise(graph);
    expect(nodesOf(after).length).toBeLessThan(nodesOf(graph).length);
    // 3.05 GFLOP: 7 × 0.44, less what the first layer does not need.
    expect(gigaOperations(after)).toBeGreaterThan(3.0);
    expect(gigaOperations(after)).toBeLessThan(3.1);
  });
});
