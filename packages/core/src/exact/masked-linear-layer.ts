import { appendColumn, type Matrix } from "../linear-algebra/matrix.ts";
import { norm } from "../linear-algebra/vector.ts";
import type { ExactResult } from "./result.ts";

/** Sweeps of alternating least squares after the start: the start is exact for exact entries, so they only average out rounding. */
const sweeps = 10;

/** An input of which some coordinates may stay open. */
export interface MaskedSample {
  /** x [in], 0 where it is open. */
  readonly input: Float64Array;
  /** Whether surviving entries determine a coordinate. */
  readonly determined: Uint8Array;
}

/**
 * The single input of a linear layer from the entries of its gradients that survived a visible mask: [dW | db] = δ [x | 1] is completed as a matrix of rank one.
 *
 *     x_j = Σ_i δ_i dW_ij / Σ_i δ_i²   over the surviving i,   and likewise δ, in turn
 *
 * Exact entries give exact coordinates: every coordinate that a chain of surviving entries connects with the bias. Entries that are exactly 0 count as removed.
 *
 * @param weightGradient dW [out, in]
 * @param biasGradient db [out]
 * @returns residual: misfit of the connected entries, relative to all that survived. The value is absent where no bias entry survived, since the scale is then open.
 */
export function maskedSample(weightGradient: Matrix, biasGradient: ArrayLike<number>): ExactResult<MaskedSample> {
  const assumptions = ["batchSize", "mask"];
  const all = appendColumn(weightGradient, biasGradient);
  const start = connected(all);
  const scale = start === undefined ? 0 : start.right[all.cols - 1]!;
  if (start === undefined || scale === 0) {
    return {
      residual: Number.NaN,
      assumptions,
      reason: "No entry of the bias gradient survived, so the scale of the input is open.",
    };
  }
  const { left, right } = start;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    fitFactor(all, left, right, "rows");
    fitFactor(all, left, right, "columns");
  }
  const last = right[all.cols - 1]!;
  const determined = Uint8Array.from(right.subarray(0, -1), (value) => (value === 0 ? 0 : 1));
  const open = determined.length - determined.reduce((sum, one) => sum + one, 0);
  return {
    value: { input: right.subarray(0, -1).map((value) => value / last), determined },
    residual: survivingMisfit(all, left, right),
    assumptions,
    reason:
      open === 0
        ? "Surviving entries determine every coordinate."
        : `No surviving entry says what ${open} of ${determined.length} coordinates are.`,
  };
}

/** Factors that agree with every surviving entry met on the way from the last column, breadth first, largest entries first; 0 where none leads. */
function connected(a: Matrix): { readonly left: Float64Array; readonly right: Float64Array } | undefined {
  const [left, right] = [new Float64Array(a.rows), new Float64Array(a.cols)];
  const at = (i: number, j: number): number => a.data[i * a.cols + j]!;
  right[a.cols - 1] = 1;
  let columns = [a.cols - 1];
  while (columns.length > 0) {
    const rows: number[] = [];
    for (let i = 0; i < a.rows; i++) {
      if (left[i] !== 0) continue;
      const best = largestOf(columns, (j) => at(i, j));
      if (best === undefined) continue;
      left[i] = at(i, best) / right[best]!;
      rows.push(i);
    }
    columns = [];
    for (let j = 0; j < a.cols; j++) {
      if (right[j] !== 0) continue;
      const best = largestOf(rows, (i) => at(i, j));
      if (best === undefined) continue;
      right[j] = at(best, j) / left[best]!;
      columns.push(j);
    }
  }
  return left.some((value) => value !== 0) ? { left, right } : undefined;
}

function largestOf(places: readonly number[], value: (place: number) => number): number | undefined {
  let best: number | undefined;
  for (const place of places) {
    if (value(place) !== 0 && (best === undefined || Math.abs(value(place)) > Math.abs(value(best)))) best = place;
  }
  return best;
}

/** Least squares for one factor over the surviving entries, with the other fixed. What has no surviving entry stays. */
function fitFactor(a: Matrix, left: Float64Array, right: Float64Array, which: "rows" | "columns"): void {
  const [own, other] = which === "rows" ? [left, right] : [right, left];
  const products = new Float64Array(own.length);
  const squares = new Float64Array(own.length);
  for (let i = 0, k = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++, k++) {
      const value = a.data[k]!;
      if (value === 0) continue;
      const [mine, theirs] = which === "rows" ? [i, j] : [j, i];
      products[mine]! += other[theirs]! * value;
      squares[mine]! += other[theirs]! ** 2;
    }
  }
  for (let k = 0; k < own.length; k++) if (squares[k]! > 0) own[k] = products[k]! / squares[k]!;
}

function survivingMisfit(a: Matrix, left: Float64Array, right: Float64Array): number {
  const rest = a.data.map((value, k) => {
    const product = left[Math.floor(k / a.cols)]! * right[k % a.cols]!;
    // What the chain of survivors does not reach has no factors to compare with.
    return value === 0 || product === 0 ? 0 : value - product;
  });
  return norm(rest) / norm(a.data);
}
