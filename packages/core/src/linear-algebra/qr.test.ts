import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { type Matrix, matrix } from "./matrix.ts";
import { multiply, plainProduct } from "./multiply.ts";
import { orthonormalColumns, qr } from "./qr.ts";

function random(rows: number, cols: number, seed: number): Matrix {
  const stream = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => stream.normal()),
  );
}

test("panels give the columns of qr, and zero columns where one depends on those before", async () => {
  const a = random(150, 90, 5);
  // Column 70 is a sum of two of other panels, column 80 is zero, and column 40 is tiny.
  for (let i = 0; i < a.rows; i++) {
    a.data[i * 90 + 70] = a.data[i * 90 + 3]! - 2 * a.data[i * 90 + 50]!;
    a.data[i * 90 + 80] = 0;
    a.data[i * 90 + 40]! *= 1e-100;
  }
  const [q, plain] = [await orthonormalColumns(a, plainProduct), qr(a).q];
  let [different, largest] = [0, 0];
  q.data.forEach((value, i) => {
    different = Math.max(different, Math.abs(value - plain.data[i]!));
  });
  const overlap = multiply(q, q, { transposeA: true });
  overlap.data.forEach((value, i) => {
    const [row, column] = [Math.floor(i / 90), i % 90];
    largest = Math.max(largest, Math.abs(value - (row === column && row !== 70 && row !== 80 ? 1 : 0)));
  });
  expect(different).toBeLessThan(1e-12);
  expect(largest).toBeLessThan(1e-14);
});
