import type { NdArray } from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";

/** Rows of the given indices [chosen, n]. */
export function rowsOf(a: Matrix, chosen: readonly number[]): Matrix {
  const result = matrix(chosen.length, a.cols);
  chosen.forEach((j, i) => {
    result.data.set(a.data.subarray(j * a.cols, (j + 1) * a.cols), i * a.cols);
  });
  return result;
}

/** Columns of the given indices [N, chosen]. */
export function columnsOf(a: Matrix, chosen: readonly number[]): Matrix {
  const result = matrix(a.rows, chosen.length);
  for (let i = 0, at = 0; i < a.rows; i++) {
    for (const j of chosen) result.data[at++] = a.data[i * a.cols + j]!;
  }
  return result;
}

/** One row [1, ...], several times. */
export function repeatedRow({ shape, data }: NdArray, times: number): NdArray & { readonly data: Float64Array } {
  const all = new Float64Array(times * data.length);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return { shape: [times, ...shape.slice(1)], data: all };
}

/** Every row by itself [1, ...]. */
export function eachRow({ shape, data }: NdArray): readonly (NdArray & { readonly data: Float64Array })[] {
  const size = data.length / shape[0]!;
  const values = Float64Array.from(data);
  return Array.from({ length: shape[0]! }, (_, i) => ({
    shape: [1, ...shape.slice(1)],
    data: values.slice(i * size, (i + 1) * size),
  }));
}
