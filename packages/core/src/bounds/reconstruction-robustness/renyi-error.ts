import { ReconError } from "../../errors.ts";
import type { Bound } from "../bound.ts";
import { requireNonNegative, requirePositive } from "../ranges.ts";

/**
 * The error of unbiased attackers on a release of Rényi divergence ε at order 2, a coordinate:
 *
 *     E|x̂ − x|² / D ≳ Σ_i diam_i² / (4 D (e^ε − 1))
 *
 * Marked an approximation because the formula, attributed to Guo et al. (2022), has not been checked against its source. Do not quote it as a bound.
 *
 * @param epsilon Rényi divergence at order 2.
 * @param diameters diam_i > 0: width of coordinate i's range.
 * @throws ReconError `bad-option`; `shape` without coordinates.
 */
export function renyiErrorApproximation(epsilon: number, diameters: readonly number[]): Bound {
  requirePositive("Rényi divergence at order 2", epsilon);
  if (diameters.length === 0) throw new ReconError("shape", "There are no coordinates.");
  for (const diameter of diameters) requireNonNegative("width of a coordinate's range", diameter);
  const squares = diameters.reduce((total, diameter) => total + diameter ** 2, 0);
  return {
    value: squares / (4 * diameters.length * Math.expm1(epsilon)),
    kind: "approximation",
    assumptions: [
      "Unverified: the formula is quoted at second hand and was not checked against the paper.",
      "The attacker's estimate is unbiased; one that uses a prior may do better.",
      "The data lies in a box of the given widths.",
    ],
  };
}
