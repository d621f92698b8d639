import { testMetric } from "@recon/core/testing";
import type { NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { mae } from "./mae.ts";
import { rmse } from "./rmse.ts";
import { smape } from "./smape.ts";

for (const make of [rmse, mae, smape]) {
  testMetric(() => make(), { shape: [12, 2] });
  testMetric(() => make({ of: "target" }), { shape: [5] });
}

const array = (...values: number[]): NdArray => ({ shape: [values.length], data: Float64Array.from(values) });

test("the errors are those of their definitions", () => {
  // Differences 3 and 4: root of (9 + 16) / 2, and 7 / 2.
  expect(rmse().score(array(1, 2), array(4, 6))).toBeCloseTo(Math.sqrt(12.5), 15);
  expect(mae().score(array(1, 2), array(4, 6))).toBe(3.5);
  // 2 · 1 / 3 and 2 · 3 / 5.
  expect(smape().score(array(1, 1), array(2, 4))).toBeCloseTo((2 / 3 + 6 / 5) / 2, 15);
});

test("sMAPE takes 0/0 for 0, is 2 at most, and sees a tiny error at a zero as the largest", () => {
  expect(smape().score(array(0, 1), array(0, 1))).toBe(0);
  expect(smape().score(array(-1, 1), array(1, -1))).toBe(2);
  const truth = Float64Array.from({ length: 96 }, (_, i) => i / 96);
  const estimate = truth.map((value) => value + 1e-8);
  expect(smape().score({ shape: [96], data: estimate }, { shape: [96], data: truth })).toBeCloseTo(2 / 96, 4);
});

test("names say what is scored, and what is missing scores NaN", () => {
  expect([rmse(), rmse({ of: "target" }), mae(), smape({ of: "target" })].map(({ name, of }) => [name, of])).toEqual([
    ["rmse_x", "input"],
    ["rmse_y", "target"],
    ["mae_x", "input"],
    ["smape_y", "target"],
  ]);
  expect(rmse().score(array(1), array(1, 2))).toBeNaN();
  expect(rmse().score(array(1, Number.NaN), array(1, 2))).toBeNaN();
});
