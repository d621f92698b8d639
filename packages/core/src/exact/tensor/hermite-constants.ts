import type { ActivationFunction } from "./activation-function.ts";

/** Of what argument the constants are: shift + scale · Z with Z ~ N(0, 1). */
export interface HermiteArgument {
  /** ρ > 0, the standard deviation of the pre-activation; 1 unless said. */
  readonly scale?: number;
  /** Mean of the pre-activation; 0 unless said. */
  readonly shift?: number;
}

/** What an activation does to Gaussian pre-activations. */
export interface HermiteConstants {
  /** E s⁽ᵖ⁾(μ + ρ Z) for p = 0 … 4, from the values of s alone. */
  readonly derivatives: readonly number[];
  /** √E s′(μ + ρ Z)²: the size of what a gradient entry is made of, hence of the noise of its moments. */
  readonly slope: number;
}

const highest = 4;
const halfWidth = 12;
const points = 120_001;

/**
 * Hermite constants of an activation by quadrature: E s⁽ᵖ⁾(μ + ρ Z) = E[s(μ + ρ Z) He_p(Z)] / ρᵖ.
 *
 * The trapezoidal rule on [−12, 12] with a node at 0, as Gauss–Hermite nodes are poor at kinks.
 *
 * @see C. Stein, "Estimation of the mean of a multivariate normal distribution", Ann. Statist. 9 (1981), lemma 2.
 */
export async function hermiteConstants(
  s: ActivationFunction,
  { scale = 1, shift = 0 }: HermiteArgument = {},
): Promise<HermiteConstants> {
  const step = (2 * halfWidth) / (points - 1);
  const nodes = Float64Array.from({ length: points }, (_, i) => (i - (points - 1) / 2) * step);
  const [values, slopes] = await s(
    nodes.map((x) => shift + scale * x),
    1,
  );
  const sums = new Float64Array(highest + 1);
  let square = 0;
  for (let i = 0; i < points; i++) {
    const x = nodes[i]!;
    const density = (step * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
    square += density * slopes![i]! ** 2;
    // He₀ = 1, He₁ = x, He_{p+1} = x He_p − p He_{p−1}.
    let [before, polynomial] = [0, 1];
    for (let p = 0; p <= highest; p++) {
      sums[p]! += density * values![i]! * polynomial;
      [before, polynomial] = [polynomial, x * polynomial - p * before];
    }
  }
  return { derivatives: Array.from(sums, (sum, p) => sum / scale ** p), slope: Math.sqrt(square) };
}
