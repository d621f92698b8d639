import { leastSquares, type Matrix, matrix } from "@recon/core";

export interface NonNegativeSolution {
  readonly x: Float64Array;
  readonly residual: number;
}

/** Rounds after which others get their turn, so that a time limit can stop it. */
const turn = 32;

/**
 * argmin ‖A x − b‖ over x ≥ 0, by active sets; what it has, which need not be the minimum, when the signal fires.
 *
 * @param a [m, n], m ≥ the number of positive entries.
 * @see C. L. Lawson, R. J. Hanson, "Solving least squares problems", 1974, chapter 23.
 */
export async function nonNegative(a: Matrix, b: ArrayLike<number>, signal?: AbortSignal): Promise<NonNegativeSolution> {
  const columns = columnsOf(a);
  const cols = columns.length;
  const x = new Float64Array(cols);
  const free: number[] = [];
  const out = new Uint8Array(cols);
  const refused = new Set<number>();
  const refuse = (j: number): void => {
    refused.add(j);
    out[j] = 1;
  };
  const sizes = columns.map((column) => Math.hypot(...column));
  let rest: Float64Array = Float64Array.from(b);
  const target = Math.hypot(...rest);
  for (let round = 0; round < 3 * cols; round++) {
    if (round % turn === turn - 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) break;
    }
    let entering = -1;
    // Rows of types can be so alike that a slope of 1e-13 still moves the amounts by 1e-6.
    let steepest = Number.EPSILON * target;
    for (let j = 0; j < cols; j++) {
      if (out[j] === 1 || !(sizes[j]! > 0)) continue;
      const slope = dot(columns[j]!, rest) / sizes[j]!;
      if (slope > steepest) {
        steepest = slope;
        entering = j;
      }
    }
    if (entering < 0 || free.length >= a.rows) break;
    free.push(entering);
    out[entering] = 1;
    for (;;) {
      let solution: Float64Array;
      try {
        solution = leastSquares(together(columns, free, a.rows), b).x;
      } catch {
        // It depends on those that are in already.
        refuse(free.pop()!);
        break;
      }
      const negative = free.flatMap((j, k) => (solution[k]! <= 0 ? [{ j, k }] : []));
      if (negative.length === 0) {
        x.fill(0);
        free.forEach((j, k) => {
          x[j] = solution[k]!;
        });
        for (const j of refused) out[j] = 0;
        refused.clear();
        break;
      }
      const step = Math.min(...negative.map(({ j, k }) => x[j]! / (x[j]! - solution[k]!)));
      free.forEach((j, k) => {
        x[j]! += step * (solution[k]! - x[j]!);
      });
      const leaving = free.filter((j, k) => solution[k]! <= 0 && x[j]! <= 1e-14 * Math.max(...x));
      for (const j of leaving.length > 0 ? leaving : [negative[0]!.j]) {
        x[j] = 0;
        free.splice(free.indexOf(j), 1);
        if (j === entering && leaving.includes(j)) refuse(j);
        else out[j] = 0;
      }
      if (free.length === 0) break;
    }
    rest = restOf(columns, x, b);
    if (Math.hypot(...rest) <= 1e-15 * target) break;
  }
  return { x, residual: Math.hypot(...restOf(columns, x, b)) };
}

/** Columns one behind another in memory: every round reads all of them. */
function columnsOf({ rows, cols, data }: Matrix): Float64Array[] {
  const all = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) all[j * rows + i] = data[i * cols + j]!;
  return Array.from({ length: cols }, (_, j) => all.subarray(j * rows, (j + 1) * rows));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** b − Σ xⱼ aⱼ. */
function restOf(columns: readonly Float64Array[], x: Float64Array, b: ArrayLike<number>): Float64Array {
  const rest = Float64Array.from(b);
  columns.forEach((column, j) => {
    const amount = x[j]!;
    if (amount === 0) return;
    for (let i = 0; i < rest.length; i++) rest[i]! -= column[i]! * amount;
  });
  return rest;
}

/** The chosen columns as a matrix. */
function together(columns: readonly Float64Array[], chosen: readonly number[], rows: number): Matrix {
  const part = matrix(rows, chosen.length);
  chosen.forEach((j, k) => {
    const column = columns[j]!;
    for (let i = 0; i < rows; i++) part.data[i * chosen.length + k] = column[i]!;
  });
  return part;
}
