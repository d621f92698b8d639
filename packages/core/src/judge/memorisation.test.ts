import type { NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { memorisation } from "./memorisation.ts";

const row = (...values: number[]): NdArray => ({ shape: [values.length, 1], data: Float64Array.from(values) });
/** e^−distance. */
const resemblance = {
  name: "nearness",
  score: (a: NdArray, b: NdArray) => Math.exp(-Math.abs(a.data[0]! - b.data[0]!)),
  similar: 0.4,
  nearVerbatim: 0.9,
  verbatim: 0.99,
};

test("counts what comes out at each level beside the control, each candidate once", () => {
  const found = memorisation(row(0, 5.05, 9.5, 20), row(0, 5, 9, 0.2), row(30, 4.5, 60, 70), resemblance);
  expect(found.trained).toMatchObject({ similar: 3, nearVerbatim: 2, verbatim: 1, places: [0, 1, 2, 3] });
  expect(found.heldOut).toMatchObject({ similar: 1, nearVerbatim: 0, verbatim: 0 });
  expect(found).toMatchObject({ excess: 2, verbatimShare: 0.25, nearVerbatimShare: 0.5 });
});

test("items without a candidate do not count, and a candidate that is no number hits nothing", () => {
  const found = memorisation(row(Number.NaN), row(1, 2), row(3, 4), resemblance);
  expect(found.trained.similar).toBe(0);
  expect(found.trained.places.filter((place) => place < 0)).toHaveLength(1);
});

test("refuses a control of another size", () => {
  expect(() => memorisation(row(1), row(1, 2), row(3), resemblance)).toThrow(/1 held-out items for 2 training items/);
});
