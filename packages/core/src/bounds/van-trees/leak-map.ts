import type { Bound } from "../bound.ts";
import { requireNonNegative } from "../ranges.ts";
import { estimateOf, type ProbedInformation, probingAssumptions, randomSigns, requireProbes } from "./probing.ts";
import { unbiasedAssumptions, vanTreesAssumptions } from "./van-trees.ts";

/** How much of every coordinate the observation gives away. */
export interface LeakMap {
  /** diag(E Jᵀ Σ⁻¹ J), in 1 / (unit of the data)². */
  readonly information: Float64Array;
  readonly standardError: Float64Array;
  /** Lower bound on the mean squared error of every coordinate, from the information plus two standard errors; infinite where there is no information. */
  readonly error: Float64Array;
  readonly kind: Bound["kind"];
  readonly assumptions: readonly string[];
}

/**
 * The information on every coordinate by itself, and what it bounds: E(x̂_i − x_i)² ≥ 1 / ((I_D)_ii + ι).
 *
 * (I_D)_ii = E_u (Jᵀ Σ^(−1/2) u)_i² with random signs u over the observation: Hutchinson's probes on the rows of Jᵀ Σ^(−1/2), which need products
 * with Jᵀ only and never give a negative value.
 *
 * With ι > 0 and several draws of the prior it is a van Trees bound. With ι = 0 it limits unbiased estimators, at the points given. With ι > 0 at one
 * point it is an approximation.
 *
 * @param priorInformation ι ≥ 0: information of the prior a coordinate, 1/τ² for N(0, τ² I); 0 for none.
 * @throws ReconError `too-few-draws`, `no-noise`, `shape`, `nothing-left`, `bad-option`.
 */
export async function leakMap(of: ProbedInformation, priorInformation = 0): Promise<LeakMap> {
  requireNonNegative("information of the prior a coordinate", priorInformation);
  const roots = requireProbes(of).map(Math.sqrt);
  const { products, points, probes, signal } = of;
  const random = of.rng.split("leak map");
  const values: Float64Array[][] = [];
  for (const point of points) {
    const group: Float64Array[] = [];
    for (let probe = 0; probe < probes; probe++) {
      signal?.throwIfAborted();
      const signs = randomSigns(products.outputs, random);
      const back = await products.backward(
        point,
        signs.map((sign, k) => sign * roots[k]!),
      );
      group.push(back.map((value) => value * value));
    }
    values.push(group);
  }
  const estimates = Array.from({ length: products.inputs }, (_, i) =>
    estimateOf(values.map((group) => group.map((squares) => squares[i]!))),
  );
  return {
    information: Float64Array.from(estimates, ({ mean }) => mean),
    standardError: Float64Array.from(estimates, ({ standardError }) => standardError),
    error: Float64Array.from(estimates, ({ mean, standardError }) => 1 / (mean + 2 * standardError + priorInformation)),
    kind: priorInformation > 0 && points.length === 1 ? "approximation" : "lower",
    assumptions: [...(priorInformation > 0 ? vanTreesAssumptions : unbiasedAssumptions), ...probingAssumptions(of)],
  };
}
