import { leastSquares, type Matrix, matrix } from "@recon/core";

/**
 * argmin ‖A x − b‖ over x ≥ 0, by active sets.
 *
 * @param a [m, n], m ≥ the number of positive entries.
 * @see C. L. Lawson, R. J. Hanson, "Solving least squares problems", 1974, chapter 23.
 */
export function nonNegative(a: Matrix, b: ArrayLike<number>): { readonly x: Float64Array; readonly residual: number } {
  const { rows, cols, data } = a;
  const x = new Float64Array(cols);
  const free: number[] = [];
  const refused = new Set<number>();
  const sizes = Array.from({ length: cols }, (_, j) => columnNorm(a, j));
  let rest: Float64Array = Float64Array.from(b);
  const target = Math.hypot(...rest);
  for (let round = 0; round < 3 * cols; round++) {
    let entering = -1;
    let steepest = 1e-13 * target;
    for (let j = 0; j < cols; j++) {
      if (refused.has(j) || free.includes(j) || !(sizes[j]! > 0)) continue;
      let slope = 0;
      for (let i = 0; i < rows; i++) slope += data[i * cols + j]! * rest[i]!;
      if (slope / sizes[j]! > steepest) {
        steepest = slope / sizes[j]!;
        entering = j;
      }
    }
    if (entering < 0 || free.length >= rows) break;
    free.push(entering);
    for (;;) {
      let solution: Float64Array;
      try {
        solution = leastSquares(columnsOf(a, free), b).x;
      } catch {
        // It depends on those that are in already.
        refused.add(free.pop()!);
        break;
      }
      const negative = free.flatMap((j, k) => (solution[k]! <= 0 ? [{ j, k }] : []));
      if (negative.length === 0) {
        x.fill(0);
        free.forEach((j, k) => {
          x[j] = solution[k]!;
        });
        refused.clear();
        break;
      }
      const step = Math.min(...negative.map(({ j, k }) => x[j]! / (x[j]! - solution[k]!)));
      free.forEach((j, k) => {
        x[j]! += step * (solution[k]! - x[j]!);
      });
      const leaving = free.filter((j, k) => solution[k]! <= 0 && x[j]! <= 1e-14 * Math.max(...x));
      if (leaving.includes(entering)) refused.add(entering);
      for (const j of leaving.length > 0 ? leaving : [negative[0]!.j]) {
        x[j] = 0;
        free.splice(free.indexOf(j), 1);
      }
      if (free.length === 0) break;
    }
    rest = restOf(a, x, b);
    if (Math.hypot(...rest) <= 1e-15 * target) break;
  }
  return { x, residual: Math.hypot(...restOf(a, x, b)) };
}

function restOf({ rows, cols, data }: Matrix, x: Float64Array, b: ArrayLike<number>): Float64Array {
  const rest = Float64Array.from(b);
  for (let j = 0; j < cols; j++) {
    if (x[j] === 0) continue;
    for (let i = 0; i < rows; i++) rest[i]! -= data[i * cols + j]! * x[j]!;
  }
  return rest;
}

function columnNorm({ rows, cols, data }: Matrix, j: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * cols + j]! ** 2;
  return Math.sqrt(sum);
}

function columnsOf({ rows, cols, data }: Matrix, chosen: readonly number[]): Matrix {
  const part = matrix(rows, chosen.length);
  for (let i = 0; i < rows; i++) {
    chosen.forEach((j, k) => {
      part.data[i * chosen.length + k] = data[i * cols + j]!;
    });
  }
  return part;
}
