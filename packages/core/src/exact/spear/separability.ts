import type { Matrix } from "../../linear-algebra/matrix.ts";
import { matrixVector, transposedMatrixVector } from "../../linear-algebra/vector.ts";

/** Where the search for a half-space ends: the last few rows can lie at any distance from its border. */
const enough = 0.997;
const steps = 80;

/**
 * Share of the rows on the right side of the best half-space {j : (A t)ⱼ > 0} found for a pattern; near 1 for the pattern of an input.
 *
 * Ho and Kashyap's rule: t = H (s ∘ b) for the signs s of the pattern, with margins b that grow where t exceeds them.
 *
 * @param layer A [m, k]
 * @param fit H, transposed [m, k]
 * @param active 1 or 0 [m]
 * @see Y.-C. Ho, R. L. Kashyap, "An algorithm for linear inequalities and its applications", IEEE Trans. Electronic Computers 14 (1965).
 */
export function separability(layer: Matrix, fit: Matrix, active: Uint8Array): number {
  const m = layer.rows;
  const signed = Float64Array.from(active, (on) => (on === 1 ? 1 : -1));
  let best = 0;
  for (let step = 0; step < steps && best < enough; step++) {
    const z = matrixVector(layer, transposedMatrixVector(fit, signed));
    let right = 0;
    for (let j = 0; j < m; j++) {
      const sign = active[j] === 1 ? 1 : -1;
      const along = sign * z[j]!;
      if (along > 0) right++;
      const excess = along - sign * signed[j]!;
      if (excess > 0) signed[j]! += sign * 1.8 * excess;
    }
    best = Math.max(best, right / m);
  }
  return best;
}
