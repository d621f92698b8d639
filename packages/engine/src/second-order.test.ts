import { describe, expect, test } from "vitest";
import { referenceCases, relativeDistance } from "./fixtures/reference-cases.ts";
import { interpret } from "./interpret.ts";

const cases = referenceCases();

describe("second-order gradients against another framework", () => {
  test.each(cases.map((reference) => [`${reference.name}: ${reference.about}`, reference] as const))(
    "%s",
    (_name, { graph, values, expected }) => {
      const result = interpret(graph, values);
      for (const [name, array] of Object.entries(expected)) {
        expect(result[name]!.shape, name).toEqual(array.shape);
        expect(relativeDistance(result[name]!, array), name).toBeLessThan(1e-8);
      }
    },
  );

  test("all thirteen are here", () => {
    expect(cases).toHaveLength(13);
  });
});
