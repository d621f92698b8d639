import { afterAll, describe, expect, test } from "vitest";
import { referenceCases } from "../fixtures/reference-cases.ts";
import type { NdArray } from "../tensor.ts";
import { onnxruntime } from "./onnxruntime.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

function distance(a: NdArray, b: NdArray): number {
  let difference = 0;
  let size = 0;
  b.data.forEach((value, i) => {
    difference += (a.data[i]! - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

describe("the runtime gives another framework's second-order gradients", () => {
  test.each(referenceCases().map((reference) => [reference.name, reference] as const))(
    "%s",
    async (_name, reference) => {
      for (const [precision, bound] of [
        ["float32", 1e-4],
        ["float64", 1e-8],
      ] as const) {
        const program = await executor.compile(reference.graph, { precision });
        const outputs = await program.run(reference.values);
        await program.dispose();
        for (const [name, expected] of Object.entries(reference.expected)) {
          expect(outputs[name]!.shape).toEqual(expected.shape);
          expect(distance(outputs[name]!, expected), `${name}, ${precision}`).toBeLessThan(bound);
        }
      }
    },
  );

  test("four cases have their ops", () => {
    expect(referenceCases()).toHaveLength(4);
  });
});
