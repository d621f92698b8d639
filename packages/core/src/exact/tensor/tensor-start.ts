import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import { decompose } from "./decompose.ts";
import { gradientMoments, type TensorSlices } from "./gradient-moments.ts";
import type { MomentOrder } from "./moment-orders.ts";
import { type MomentSource, type MomentSums, momentSpan } from "./moment-span.ts";
import { rowSpan } from "./row-span.ts";
import type { TensorBlock } from "./tensor-block.ts";
import { unitRows } from "./unit-rows.ts";

/** Which estimates a start is made of. */
export interface TensorStartOptions {
  /** The rows of the gradient, or moments of order 2 or 3 as in the paper. */
  readonly span: "exact" | 2 | 3;
  /** What the span's moments, and the tensor, are taken of. */
  readonly source: MomentSource;
  /** 3 unless said; 4 from the first layer's gradient only. */
  readonly order?: MomentOrder;
  readonly batchSize: number;
  readonly product: MatrixProduct;
  readonly rng: Rng;
}

/**
 * The unit directions of a batch from the tensor alone, without a polish: the method of the paper and its variants, to compare with.
 *
 * For one output and weights N(0, I).
 *
 * @returns rows [B, d], signs open; undefined where the gradient does not have rank B.
 */
export async function tensorStart(block: TensorBlock, options: TensorStartOptions): Promise<Matrix | undefined> {
  const { span, source, order = 3, batchSize, product, rng } = options;
  const { weight, weightGradient, outer, outerGradient } = block;
  const m = weight.rows;
  const sums: MomentSums = {
    weights: weight,
    gradient: matrix(
      m,
      weight.cols,
      weightGradient.data.map((value, at) => value / (m * outer.data[Math.floor(at / weight.cols)]!)),
    ),
    outerGradient: (outerGradient?.data ?? new Float64Array(m)).map((value) => value / m),
  };
  const exact =
    span === "exact" ? await rowSpan(weightGradient, { precision: "float64", noiseStd: 0, product, rng }) : undefined;
  const basis =
    span === "exact" ? exact?.value?.basis : await momentSpan(sums, batchSize, { order: span, source, product, rng });
  if (basis === undefined || basis.cols !== batchSize) return undefined;
  const inSpan = await product(weight, basis);
  const slices =
    source === "output"
      ? outputMoments(sums.outerGradient, inSpan)
      : await gradientMoments(
          await product(sums.gradient, basis),
          inSpan,
          matrix(1, m, new Float64Array(m).fill(1)),
          order,
          product,
        );
  const [best] = await decompose(slices, rng);
  return unitRows(multiply(best!.directions, basis, { transposeB: true }));
}

/** Σⱼ gⱼ He₃(uⱼ) → Σᵢ rᵢ E s‴ cᵢ^⊗3, from the gradient of the weights behind the activation. */
export function outputMoments(outerGradient: Float64Array, weights: Matrix): TensorSlices {
  const { rows: m, cols: n, data: u } = weights;
  const data = new Float64Array(n ** 3);
  for (let j = 0; j < m; j++) {
    const g = outerGradient[j]!;
    for (let a = 0, at = 0; a < n; a++) {
      const ua = u[j * n + a]!;
      for (let b = 0; b < n; b++) {
        const ub = u[j * n + b]!;
        for (let c = 0; c < n; c++, at++) {
          const uc = u[j * n + c]!;
          data[at]! += g * (ua * ub * uc - ((b === c ? ua : 0) + (a === c ? ub : 0) + (a === b ? uc : 0)));
        }
      }
    }
  }
  return { size: n, count: 1, data };
}
