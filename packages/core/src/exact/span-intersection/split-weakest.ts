import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { svd } from "../../linear-algebra/svd.ts";
import type { PointEquations } from "./point-equations.ts";

/**
 * Pairs of points in place of those that fulfil the equations along a line as well: at the accuracy of the spaces two samples that are close together are one
 * point, between them and in the direction in which the equations change least. All gradients together may still tell them apart.
 *
 * @param points q [found, free].
 * @param count how many points are split: those whose least singular value is lowest.
 * @param width half the distance of a pair, in units of misfit over that singular value.
 * @returns q [found + count, free]; undefined where there are fewer points than are to be split.
 */
export async function splitWeakest(
  equations: PointEquations,
  points: Matrix,
  misfits: ArrayLike<number>,
  count: number,
  width: number,
): Promise<Matrix | undefined> {
  const { rows, cols: free } = points;
  if (count > rows) return undefined;
  const slopes = await equations.along(points);
  const weakest = Array.from({ length: rows }, (_, i) => {
    const part = slopes.data.subarray(i * free * slopes.cols, (i + 1) * free * slopes.cols);
    const { values, right } = svd(transposed(matrix(free, slopes.cols, part)));
    const direction = Float64Array.from({ length: free }, (_, k) => right.data[k * right.cols + right.cols - 1]!);
    return { i, value: values.at(-1)!, direction };
  }).sort((a, b) => a.value - b.value);
  const split = matrix(rows + count, free, [...points.data, ...new Float64Array(count * free)]);
  weakest.slice(0, count).forEach(({ i, value, direction }, pair) => {
    const half = (width * misfits[i]!) / value;
    for (let k = 0; k < free; k++) {
      const middle = points.data[i * free + k]!;
      split.data[i * free + k] = middle - half * direction[k]!;
      split.data[(rows + pair) * free + k] = middle + half * direction[k]!;
    }
  });
  return split;
}
