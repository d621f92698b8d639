import { innerProduct } from "../../linear-algebra/vector.ts";
import type { ExactResult } from "../result.ts";

/** W₀(1/e): −u / (1 + eᵘ) is lowest, and equals −W₀(1/e), at u = 1 + W₀(1/e). */
const lowest = 0.2784645427610738;
const turningPoint = 1 + lowest;

/**
 * ∂ℓ/∂f of one sample at a head f = w · h of one output and no bias under the logistic loss log(1 + e^(−y f)), y = ±1, from the head's gradient:
 *
 *     ⟨w, dw⟩ = −u / (1 + eᵘ),  u = y f      ∂ℓ/∂f = −y / (1 + eᵘ)
 *
 * The equation has one root for ⟨w, dw⟩ ≥ 0 and two below 0, and the gradient is the same for (h, y) and (−h, −y), so there are two or four candidates
 * k, and the input h = dw / k of the head follows from each. What lies before the head decides between them.
 *
 * @param weight w [inputs]
 * @param weightGradient dw [inputs]
 * @returns candidates for ∂ℓ/∂f, those of the smaller |u| first; residual 0 where there are some.
 * @see J. Zhu, M. Blaschko, "R-GAP: recursive gradient attack on privacy", ICLR 2021, section 3.2.
 */
export function logisticErrors(
  weight: ArrayLike<number>,
  weightGradient: ArrayLike<number>,
): ExactResult<readonly number[]> {
  const assumptions = ["weights", "lossKind", "batchSize"];
  const fail = (reason: string): ExactResult<readonly number[]> => ({ residual: Number.NaN, assumptions, reason });
  const product = innerProduct(weight, weightGradient);
  if (!Number.isFinite(product)) return fail("The head's gradient is not finite.");
  if (!(innerProduct(weightGradient, weightGradient) > 0)) return fail("The head's gradient is zero.");
  // At the turning point the two roots meet, and rounding may carry the product just below it.
  if (product < -lowest * (1 + 1e-6)) {
    return fail(
      `⟨w, dw⟩ = ${product.toPrecision(4)} is below ${(-lowest).toPrecision(4)}, which no single sample gives.`,
    );
  }
  const errors = rootsOf(product).map((u) => 1 / (1 + Math.exp(u)));
  const value = errors.flatMap((size) => [-size, size]);
  const reason = `${errors.length} root${errors.length === 1 ? "" : "s"} of ⟨w, dw⟩ = −u / (1 + eᵘ), each with either sign.`;
  return { value, residual: 0, assumptions, reason };
}

const sideOf = (u: number): number => -u / (1 + Math.exp(u));

/** The u with −u / (1 + eᵘ) = product, in ascending size. */
function rootsOf(product: number): number[] {
  if (product >= 0) return [bisected(product, -product - 2, 0)];
  if (product <= -lowest) return [turningPoint];
  let high = 2 * turningPoint;
  while (sideOf(high) < product) high *= 2;
  return [bisected(product, 0, turningPoint), bisected(product, high, turningPoint)];
}

/** The root between `above`, where −u / (1 + eᵘ) is at least the product, and `below`, where it is at most that. */
function bisected(product: number, above: number, below: number): number {
  let [high, low] = [above, below];
  for (let step = 0; step < 200; step++) {
    const middle = (high + low) / 2;
    if (sideOf(middle) >= product) high = middle;
    else low = middle;
  }
  return (high + low) / 2;
}
