import { afterAll, expect, test } from "vitest";
import { onnxruntime } from "../executors/onnxruntime.ts";
import { graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import type { Tensor } from "../tensor.ts";
import { input } from "./leaf.ts";
import { atan, cosh, erf, sinh } from "./special.ts";
import { sigmoid } from "./unary.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

test("erf has the values of tables", () => {
  const x = input("x", [8]);
  const data = Float64Array.of(0, 0.01, 0.5, 1, 2, 3, -1, 7);
  const expected = [
    0, 0.011283415555849618, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014,
    -0.8427007929497149, 1,
  ];
  const { y } = interpret(graph({ x }, { y: erf(x) }), { x: { shape: [8], data } });
  expected.forEach((value, i) => {
    expect(Math.abs(y!.data[i]! - value)).toBeLessThanOrEqual(4e-16 * Math.abs(value));
  });
});

// The runtime has no float64 kernels for these; what stands in for them must hold everywhere, the smallest and the largest arguments included.
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = { erf, atan, sinh, cosh, sigmoid };

test.each(Object.entries(functions))(
  "%s in float64 on the runtime is exact to 1e-14 of every value",
  async (_name, f) => {
    const sizes = [0, 1e-300, 1e-12, 1e-3, 0.1, 0.49999, 0.5, 0.50001, 0.99999, 1, 1.00001, 6, 20, 300, 700];
    const fine = Array.from({ length: 700 }, (_, i) => i / 100 + 0.003);
    const data = Float64Array.from([...sizes, ...fine].flatMap((size) => [size, -size]));
    const x = input("x", [data.length]);
    const g = graph({ x }, { y: f(x) });
    const values = { x: { shape: [data.length], data } };
    const expected = interpret(g, values).y!.data;
    const program = await executor.compile(g, { precision: "float64" });
    const actual = (await program.run(values)).y!.data;
    await program.dispose();
    data.forEach((at, i) => {
      expect(Math.abs(actual[i]! - expected[i]!), `at ${at}`).toBeLessThanOrEqual(1e-14 * Math.abs(expected[i]!));
    });
  },
);
