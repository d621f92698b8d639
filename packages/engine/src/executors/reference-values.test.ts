import { afterAll, describe, expect, test } from "vitest";
import { referenceCases, relativeDistance } from "../fixtures/reference-cases.ts";
import { onnxruntime } from "./onnxruntime.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const cases = referenceCases();

describe("the runtime gives another framework's second-order gradients", () => {
  test.each(cases.map((reference) => [reference.name, reference] as const))("%s", async (_name, reference) => {
    for (const [precision, bound] of [
      ["float32", 1e-4],
      ["float64", 1e-8],
    ] as const) {
      const program = await executor.compile(reference.graph, { precision });
      const outputs = await program.run(reference.values);
      await program.dispose();
      for (const [name, expected] of Object.entries(reference.expected)) {
        expect(outputs[name]!.shape).toEqual(expected.shape);
        expect(relativeDistance(outputs[name]!, expected), `${name}, ${precision}`).toBeLessThan(bound);
      }
    }
  });

  test("all thirteen are here", () => {
    expect(cases).toHaveLength(13);
  });
});
