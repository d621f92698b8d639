import { expect, test } from "vitest";
import { distance, norm } from "../arrays.ts";
import { rng } from "../random.ts";
import { observeBatch } from "../testing/evaluate.ts";
import { drawBatch, referenceModel, testOperator } from "../testing/index.ts";
import { gradient } from "./gradient.ts";
import { update } from "./update.ts";

testOperator(() => update({ rate: 0.1 }), { reduction: "mean" });
testOperator(() => update({ steps: 3, rate: 0.1 }), { reduction: "none" });

const model = referenceModel();
const params = model.init(rng(1));
const batch = drawBatch(model, 3, rng(2));

test("one step is −η times the gradient", () => {
  const g = observeBatch(gradient(), model, params, batch);
  const u = observeBatch(update({ rate: 0.25 }), model, params, batch);
  for (const [name, { data }] of Object.entries(g)) {
    data.forEach((value, i) => {
      expect(u[name]!.data[i]).toBeCloseTo(-0.25 * value, 14);
    });
  }
});

test("K steps equal K rounds of one step each, from where the last one ended", () => {
  let current = params;
  for (let t = 0; t < 4; t++) {
    const u = observeBatch(update({ rate: 0.5 }), model, current, batch);
    current = Object.fromEntries(
      Object.entries(current).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (value, i) => value + u[name]!.data[i]!) },
      ]),
    );
  }
  const difference = Object.fromEntries(
    Object.entries(current).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value, i) => value - params[name]!.data[i]!) },
    ]),
  );
  const unrolled = observeBatch(update({ steps: 4, rate: 0.5 }), model, params, batch);
  expect(distance(unrolled, difference) / norm(difference)).toBeLessThan(1e-13);
});

test("refuses what is not a protocol", () => {
  expect(() => update({ rate: 0 })).toThrow(/"rate" must be a number above 0, not 0/);
  expect(() => update({ rate: 1, steps: 0 })).toThrow(/"steps" must be a whole number/);
  expect(() => update({ rate: 1, momentum: 0.9 } as never)).toThrow(/no option "momentum"/);
});
