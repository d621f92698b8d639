import type { Matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { HeadSources } from "./reduced-head.ts";

/** How far features and errors are from a head's gradient. */
export interface HeadMisfit {
  /** ‖(Δᵀ H, Δᵀ 1) − (dW, db)‖ / ‖(dW, db)‖. */
  readonly relative: number;
  /** Norm of the difference in every class's row of [dW | τ db] [K]. */
  readonly rows: Float64Array;
}

/** Compares Δᵀ H and Δᵀ 1 with what was observed; τ weighs the bias in `rows`. */
export function headMisfit(head: HeadSources, features: Matrix, errors: Matrix, tau = 1): HeadMisfit {
  const { rows: classes, cols: width, data: observed } = head.weightGradient;
  const weights = multiply(errors, features, { transposeA: true }).data.map((value, at) => value - observed[at]!);
  const bias = Float64Array.from(head.biasGradient, (value) => -value);
  for (let i = 0; i < errors.rows; i++) {
    for (let k = 0; k < classes; k++) bias[k]! += errors.data[i * classes + k]!;
  }
  return {
    relative: Math.hypot(norm(weights), norm(bias)) / Math.hypot(norm(observed), norm(head.biasGradient)),
    rows: bias.map((value, k) => Math.hypot(norm(weights.subarray(k * width, (k + 1) * width)), tau * value)),
  };
}
