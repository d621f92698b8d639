import { type Matrix, transposed } from "../../linear-algebra/matrix.ts";
import { inverseLower } from "../../linear-algebra/triangular.ts";

/** √diag((RᵀR)⁻¹) [n]: the lengths of the rows of R⁻¹. */
export function posteriorStds(factor: Matrix): Float64Array {
  const { rows: n, data } = inverseLower(transposed(factor));
  return Float64Array.from({ length: n }, (_, i) => {
    let total = 0;
    for (let k = i; k < n; k++) total += data[k * n + i]! ** 2;
    return Math.sqrt(total);
  });
}
