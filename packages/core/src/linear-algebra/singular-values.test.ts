import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { identityMatrix, type Matrix, matrix } from "./matrix.ts";
import { multiply } from "./multiply.ts";
import { qr } from "./qr.ts";
import { singularValues } from "./singular-values.ts";
import { svd } from "./svd.ts";

function drawn(rows: number, cols: number, name: string): Matrix {
  const stream = rng(name);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => stream.normal()),
  );
}

/** Q₁ diag(values) Q₂ᵀ with drawn orthonormal columns. */
function planted(rows: number, cols: number, values: readonly number[]): Matrix {
  const k = values.length;
  const left = qr(drawn(rows, k, "left")).q;
  const right = qr(drawn(cols, k, "right")).q;
  const scaled = matrix(
    rows,
    k,
    left.data.map((entry, i) => entry * values[i % k]!),
  );
  return multiply(scaled, right, { transposeB: true });
}

test.each([
  [60, 40],
  [40, 60],
  [33, 33],
  [1, 7],
  [7, 1],
])("planted values over twelve decades come back, %d × %d", (rows, cols) => {
  const count = Math.min(rows, cols);
  const values = Array.from({ length: count }, (_, k) => 5 * 10 ** (-12 * (k / Math.max(1, count - 1))));
  const found = singularValues(planted(rows, cols, values));
  expect(found).toHaveLength(count);
  values.forEach((value, k) => {
    expect(Math.abs(found[k]! - value)).toBeLessThan(5e-14);
  });
});

test("a rank below the shorter side leaves values at rounding level", () => {
  const found = singularValues(planted(50, 30, [3, 2, 1, 0.5]));
  expect([...found.slice(0, 4)].map((value) => Number(value.toFixed(12)))).toEqual([3, 2, 1, 0.5]);
  expect(Math.max(...found.slice(4))).toBeLessThan(1e-14);
});

test("agrees with the decomposition that has vectors", () => {
  for (const [rows, cols] of [
    [25, 12],
    [12, 25],
    [20, 20],
  ] as const) {
    const a = drawn(rows, cols, `${rows}`);
    const expected = svd(a).values;
    singularValues(a).forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k]!, 12);
    });
  }
});

test("zero, identity, repeated values and an empty side", () => {
  expect([...singularValues(matrix(4, 3))]).toEqual([0, 0, 0]);
  for (const value of singularValues(identityMatrix(6))) expect(value).toBeCloseTo(1, 14);
  expect(singularValues(matrix(0, 3))).toHaveLength(0);
});

test("leaves its argument as it was", () => {
  for (const [rows, cols] of [
    [5, 8],
    [8, 5],
  ] as const) {
    const a = drawn(rows, cols, "kept");
    const before = [...a.data];
    singularValues(a);
    expect([...a.data]).toEqual(before);
  }
});
