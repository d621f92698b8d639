import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import type { ActivationFunction } from "../tensor/activation-function.ts";

/**
 * A "linear, activation, linear" block with one output, and bounds on the gradient of its first weight:
 *
 *     G_jk = a_j Σ_i r_i s′(w_j · x_i) x_ik,   lower_jk ≤ G_jk ≤ upper_jk
 *
 * A bias is one more column of W, with x = 1 there: `biased`.
 */
export interface BoundedBlock {
  /** W [m, d], with the bias as its last column where there is one. */
  readonly weight: Matrix;
  /** a [m], the weights behind the activation. */
  readonly outer: Float64Array;
  /** G as it was sent [m, d]. */
  readonly seen: Float64Array;
  /** Bounds of the entries of G [m, d]: equal where an entry is known, infinite where nothing is known of it. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Mean of |G|, where that is known besides. */
  readonly meanMagnitude?: number;
  readonly biased: boolean;
  readonly activation: ActivationFunction;
}

/** The block at a point: everything that its entries and their derivatives are made of. */
export interface BlockPoint {
  /** x [B, d] and r [B]. */
  readonly inputs: Matrix;
  readonly errors: Float64Array;
  /** a_j r_i s′ and, where asked for, a_j r_i s″ at w_j · x_i, [m, B] each; and a_j s′. */
  readonly slopes: Float64Array;
  readonly curvatures: Float64Array;
  readonly perError: Float64Array;
}

/** A point of the search: x row by row, then r. */
export function pack(inputs: Matrix, errors: ArrayLike<number>): Float64Array {
  const point = new Float64Array(inputs.data.length + errors.length);
  point.set(inputs.data);
  point.set(errors, inputs.data.length);
  return point;
}

/** The two parts of a point, as views of it. */
export function unpack(point: Float64Array, width: number): { readonly inputs: Matrix; readonly errors: Float64Array } {
  const size = point.length / (width + 1);
  return { inputs: matrix(size, width, point.subarray(0, size * width)), errors: point.subarray(size * width) };
}

/** Evaluates slopes, and curvatures where `order` is 2. */
export async function blockAt(block: BoundedBlock, point: Float64Array, order: 1 | 2): Promise<BlockPoint> {
  const { weight, outer, activation } = block;
  const { inputs, errors } = unpack(point, weight.cols);
  const size = errors.length;
  const [, slope, curvature] = await activation(multiply(weight, inputs, { transposeB: true }).data, order);
  const [slopes, curvatures, perError] = [1, 2, 3].map(() => new Float64Array(weight.rows * size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let j = 0, at = 0; j < weight.rows; j++) {
    for (let i = 0; i < size; i++, at++) {
      const factor = outer[j]! * slope![at]!;
      perError[at] = factor;
      slopes[at] = errors[i]! * factor;
      if (curvature !== undefined) curvatures[at] = errors[i]! * outer[j]! * curvature[at]!;
    }
  }
  return { inputs, errors, slopes, curvatures, perError };
}

/** Row j of G at a point, written to `row`. */
export function gradientRow({ inputs, errors, slopes }: BlockPoint, j: number, row: Float64Array): void {
  const { cols: width, data: x } = inputs;
  row.fill(0);
  for (let i = 0; i < errors.length; i++) {
    const slope = slopes[j * errors.length + i]!;
    for (let k = 0, at = i * width; k < width; k++, at++) row[k]! += slope * x[at]!;
  }
}

/** Some neurons of a block. */
export function someNeurons(block: BoundedBlock, chosen: readonly number[]): BoundedBlock {
  const width = block.weight.cols;
  const rows = (from: Float64Array, size: number): Float64Array => {
    const result = new Float64Array(chosen.length * size);
    chosen.forEach((j, i) => {
      result.set(from.subarray(j * size, (j + 1) * size), i * size);
    });
    return result;
  };
  return {
    ...block,
    weight: matrix(chosen.length, width, rows(block.weight.data, width)),
    outer: rows(block.outer, 1),
    seen: rows(block.seen, width),
    lower: rows(block.lower, width),
    upper: rows(block.upper, width),
  };
}
