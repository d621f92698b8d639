import { type Matrix, matrix, rng } from "@recon/core";
import { expect, test } from "vitest";
import { nonNegative } from "./non-negative.ts";

const matrixOf = (rows: readonly (readonly number[])[]): Matrix => matrix(rows.length, rows[0]!.length, rows.flat());

test("finds planted amounts, and leaves out what would need a negative one", async () => {
  const random = rng("non-negative");
  const rows = Array.from({ length: 30 }, () => Array.from({ length: 20 }, () => random.normal()));
  const planted = Array.from({ length: 20 }, (_, j) => (j % 3 === 0 ? j + 1 : 0));
  const b = rows.map((row) => row.reduce((sum, value, j) => sum + value * planted[j]!, 0));
  const { x, residual } = await nonNegative(matrixOf(rows), b);
  planted.forEach((amount, j) => {
    expect(x[j]).toBeCloseTo(amount, 9);
  });
  expect(residual).toBeLessThan(1e-9);
  // min (x + 1)² + (y − 2)² over x, y ≥ 0
  const bounded = await nonNegative(
    matrixOf([
      [1, 0],
      [0, 1],
    ]),
    [-1, 2],
  );
  expect([...bounded.x]).toEqual([0, 2]);
  expect(bounded.residual).toBe(1);
});

test("a signal stops it with what it has", async () => {
  const random = rng("stopped");
  const rows = Array.from({ length: 80 }, () => Array.from({ length: 200 }, () => Math.abs(random.normal())));
  const amounts = rows[0]!.map((_, j) => (j < 60 ? 1 : 0));
  const b = rows.map((row) => row.reduce((sum, value, j) => sum + value * amounts[j]!, 0));
  const whole = await nonNegative(matrixOf(rows), b);
  const stopped = await nonNegative(matrixOf(rows), b, AbortSignal.abort());
  expect(stopped.residual).toBeGreaterThan(10 * whole.residual);
  expect(Math.min(...stopped.x)).toBeGreaterThanOrEqual(0);
});
