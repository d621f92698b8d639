import { type Matrix, matrix, rng } from "@recon/core";
import { expect, test } from "vitest";
import { nonNegative } from "./non-negative.ts";

const matrixOf = (rows: readonly (readonly number[])[]): Matrix => matrix(rows.length, rows[0]!.length, rows.flat());

test("finds planted amounts, and leaves out what would need a negative one", () => {
  const random = rng("non-negative");
  const rows = Array.from({ length: 30 }, () => Array.from({ length: 20 }, () => random.normal()));
  const planted = Array.from({ length: 20 }, (_, j) => (j % 3 === 0 ? j + 1 : 0));
  const b = rows.map((row) => row.reduce((sum, value, j) => sum + value * planted[j]!, 0));
  const { x, residual } = nonNegative(matrixOf(rows), b);
  planted.forEach((amount, j) => {
    expect(x[j]).toBeCloseTo(amount, 9);
  });
  expect(residual).toBeLessThan(1e-9);
  // min (x + 1)² + (y − 2)² over x, y ≥ 0
  const bounded = nonNegative(
    matrixOf([
      [1, 0],
      [0, 1],
    ]),
    [-1, 2],
  );
  expect([...bounded.x]).toEqual([0, 2]);
  expect(bounded.residual).toBe(1);
});
