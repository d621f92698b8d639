import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { solveUpper } from "../../linear-algebra/triangular.ts";
import { matrixVector, norm } from "../../linear-algebra/vector.ts";
import type { Column } from "./collect-columns.ts";
import type { FactoredGradient } from "./factored-gradient.ts";

/** All samples, unmixed with one column each. */
export interface Unmixed {
  /** t of every sample, so that [xᵢ | 1] = V tᵢ; without a bias, xᵢ / |xᵢ| = V tᵢ [r, r]. */
  readonly coordinates: Matrix;
  /** Factor from U qᵢ to the sample's error at the neurons [r]; without a bias, times |xᵢ|. */
  readonly scales: Float64Array;
  /** Largest share of the neurons, over the samples, at which the sign of a pre-activation contradicts the zeros of its column. */
  readonly contradiction: number;
}

/**
 * With Q̂ = [q₁ … q_r]:
 *
 *     [X | 1] = diag(c)⁻¹ Q̂⁻¹ S Vᵀ,   cᵢ such that the last entry is 1
 *
 * Without a bias the scale is open: each input gets unit length, and the sign that its pattern asks for.
 *
 * @param slack pre-activations this small relative to the sample's typical one may have either sign.
 * @returns undefined when the columns are dependent or a scale vanishes.
 */
export function unmix(
  { rank, values, right, layer, biased }: FactoredGradient,
  columns: readonly Column[],
  slack: number,
): Unmixed | undefined {
  const { q, r } = qr(
    matrix(
      rank,
      rank,
      Float64Array.from({ length: rank * rank }, (_, at) => columns[at % rank]!.q[Math.floor(at / rank)]!),
    ),
  );
  for (let k = 0; k < rank; k++) if (!(r.data[k * rank + k]! > 1e-12)) return undefined;
  const coordinates = matrix(rank, rank);
  for (let k = 0; k < rank; k++) {
    const solved = solveUpper(
      r,
      q.data.subarray(k * rank, (k + 1) * rank).map((value) => value * values[k]!),
    );
    for (let i = 0; i < rank; i++) coordinates.data[i * rank + k] = solved[i]!;
  }
  const last = right.data.subarray((right.rows - 1) * rank);
  const scales = new Float64Array(rank);
  let contradiction = 0;
  for (let i = 0; i < rank; i++) {
    const t = coordinates.data.subarray(i * rank, (i + 1) * rank);
    const { active } = columns[i]!;
    const scale = biased
      ? t.reduce((sum, value, k) => sum + value * last[k]!, 0)
      : norm(t) * (balance(matrixVector(layer, t), active) < 0 ? -1 : 1);
    if (!(Math.abs(scale) > Number.MIN_VALUE)) return undefined;
    scales[i] = scale;
    for (let k = 0; k < rank; k++) t[k]! /= scale;
    const z = matrixVector(layer, t);
    const either = (slack * norm(z)) / Math.sqrt(z.length);
    const wrong = z.reduce(
      (count, value, j) => count + (Math.abs(value) > either && value > 0 !== (active[j] === 1) ? 1 : 0),
      0,
    );
    contradiction = Math.max(contradiction, wrong / z.length);
  }
  return { coordinates, scales, contradiction };
}

/** How many more signs agree with a pattern than contradict it. */
function balance(z: Float64Array, active: Uint8Array): number {
  return z.reduce((sum, value, j) => sum + Math.sign(value) * (active[j] === 1 ? 1 : -1), 0);
}
