import { choleskySolve, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";

/**
 * Weights M [L, m] that take the samples' cotangents out of their errors qᵢⱼ = Σₖ Aₖⱼ rᵢₖ in a sum over neurons: Σⱼ Mₗⱼ qᵢⱼ is rᵢ, or L mixtures of it.
 *
 * One output: Mⱼ = 1 / (m aⱼ), which leaves no trace of how the aⱼ vary. Several: M = (A Aᵀ)⁻¹ A, mixed at random where there are more than `most`.
 *
 * @param outer A [K, m]
 */
export async function outerMixing(outer: Matrix, most: number, rng: Rng): Promise<Matrix> {
  const { rows: outputs, cols: m, data } = outer;
  if (outputs === 1)
    return matrix(
      1,
      m,
      data.map((value) => (value === 0 ? 0 : 1 / (m * value))),
    );
  const found = await ridgedCholesky(multiply(outer, outer, { transposeB: true }), 1e-12, { product: plainProduct });
  const count = Math.min(outputs, most);
  const random = rng.split("mixing");
  const mixture = matrix(
    count,
    outputs,
    Float64Array.from({ length: count * outputs }, (_, i) =>
      count === outputs ? Number(i % outputs === Math.floor(i / outputs)) : random.normal() / Math.sqrt(outputs),
    ),
  );
  if (found === undefined) return multiply(mixture, outer);
  const rows = Array.from({ length: count }, (_, l) =>
    choleskySolve(found.factor, mixture.data.subarray(l * outputs, (l + 1) * outputs)),
  );
  return multiply(
    matrix(
      count,
      outputs,
      rows.flatMap((row) => [...row]),
    ),
    outer,
  );
}
