import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { PointEquations } from "./point-equations.ts";

/**
 * The equations with solutions that are known taken out of them, so that searches from the same starts may end elsewhere:
 *
 *     r(q) Πₖ (1 + s² / ‖q − qₖ‖²)
 *
 * Near a known solution qₖ, where r is proportional to q − qₖ, the product grows; far from all of them it is r.
 *
 * @param scale s: how far apart solutions are.
 * @see P. E. Farrell, Á. Birkisson, S. W. Funke, "Deflation techniques for finding distinct solutions of nonlinear partial differential equations", SIAM J. Sci. Comput.
 * 37 (2015).
 */
export function deflated(equations: PointEquations, known: readonly Float64Array[], scale: number): PointEquations {
  const { free } = equations;
  const factors = (q: Matrix): Factor[] =>
    Array.from({ length: q.rows }, (_, i) => factorAt(q.data.subarray(i * free, (i + 1) * free), known, scale));
  return {
    free,
    at: async (q) => {
      const plain = await equations.at(q);
      const all = factors(q);
      return matrix(
        plain.rows,
        plain.cols,
        plain.data.map((value, at) => value * all[Math.floor(at / plain.cols)]!.value),
      );
    },
    along: async (q) => {
      const plain = await equations.at(q);
      const slopes = await equations.along(q);
      const all = factors(q);
      const result = matrix(slopes.rows, slopes.cols);
      for (let row = 0; row < slopes.rows; row++) {
        const point = Math.floor(row / free);
        const { value, slope } = all[point]!;
        const along = slope[row % free]!;
        for (let k = 0; k < slopes.cols; k++) {
          result.data[row * slopes.cols + k] =
            value * slopes.data[row * slopes.cols + k]! + along * plain.data[point * plain.cols + k]!;
        }
      }
      return result;
    },
  };
}

interface Factor {
  readonly value: number;
  readonly slope: Float64Array;
}

/** Π (1 + s² / d²) and its gradient. */
function factorAt(q: Float64Array, known: readonly Float64Array[], scale: number): Factor {
  const slope = new Float64Array(q.length);
  let value = 1;
  for (const one of known) {
    const away = q.map((entry, k) => entry - one[k]!);
    const distance = Math.max(norm(away), 1e-6 * scale);
    const factor = 1 + (scale / distance) ** 2;
    for (let k = 0; k < q.length; k++) slope[k]! -= (2 * scale ** 2 * away[k]!) / (distance ** 4 * factor);
    value *= factor;
  }
  return { value, slope: slope.map((entry) => entry * value) };
}
