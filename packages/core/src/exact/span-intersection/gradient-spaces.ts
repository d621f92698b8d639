import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { unitRoundoff } from "../result.ts";

/** The spaces that the rows and the columns of a gradient G = Σᵢ rᵢ hᵢᵀ span: those of what entered the layer, and of the errors behind it. */
export interface GradientSpaces {
  /** Orthonormal columns [D, B]. */
  readonly rows: Matrix;
  /** Orthonormal columns [m, B]. */
  readonly columns: Matrix;
  /** Ratio of the last singular value that counts to the next, or to rounding. */
  readonly gap: number;
}

/** Below this gap the last of the samples drowns in rounding. */
const leastGap = 3;

/**
 * The leading B singular vectors of a gradient of B samples; undefined where it does not show as many dimensions, or fills all that it could.
 */
export async function gradientSpaces(
  gradient: Matrix,
  samples: number,
  precision: "float32" | "float64",
  product: MatrixProduct,
): Promise<GradientSpaces | undefined> {
  if (Math.min(gradient.rows, gradient.cols) <= samples) return undefined;
  const { values, left, right } = await topSingular(gradient, samples + 1, product);
  const rounding = unitRoundoff[precision] * values[0]!;
  const gap = values[samples - 1]! / Math.max(values[samples]!, 0.1 * rounding);
  if (!(gap >= leastGap)) return undefined;
  return { rows: columnsOf(right, samples), columns: columnsOf(left, samples), gap };
}

function columnsOf({ rows, cols, data }: Matrix, count: number): Matrix {
  const kept = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) kept.set(data.subarray(i * cols, i * cols + count), i * count);
  return { rows, cols: count, data: kept };
}
