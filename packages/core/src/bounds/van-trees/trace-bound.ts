import type { EstimatedBound } from "../bound.ts";
import { requirePositive } from "../ranges.ts";
import {
  type Estimate,
  estimateOf,
  type ProbedInformation,
  probingAssumptions,
  randomSigns,
  requireProbes,
} from "./probing.ts";
import { vanTreesTrace } from "./van-trees.ts";

/**
 * tr I_D by Hutchinson's probes, which need products J v only: tr I_D = E_x E_v |Σ^(−1/2) J v|², v random signs.
 *
 * @throws ReconError `too-few-draws`, `no-noise`, `shape`, `nothing-left`.
 * @see M. F. Hutchinson, "A stochastic estimator of the trace of the influence matrix", Commun. Stat. Simul. Comput. 18 (1989).
 */
export async function informationTrace(of: ProbedInformation): Promise<Estimate> {
  const precision = requireProbes(of);
  const random = of.rng.split("trace");
  const groups: number[][] = [];
  for (const point of of.points) {
    const values: number[] = [];
    for (let probe = 0; probe < of.probes; probe++) {
      of.signal?.throwIfAborted();
      const product = await of.products.forward(point, randomSigns(of.products.inputs, random));
      values.push(product.reduce((total, value, k) => total + precision[k]! * value * value, 0));
    }
    groups.push(values);
  }
  return estimateOf(groups);
}

/**
 * The trace form of the van Trees bound without a matrix: D² / (tr I_D + D ι), with tr I_D at its mean plus two standard errors.
 *
 * @param of At least two draws of the prior.
 * @param priorInformation ι > 0: information of the prior a coordinate, 1/τ² for N(0, τ² I).
 * @throws ReconError as `informationTrace`; `bad-option`.
 */
export async function probedTraceBound(of: ProbedInformation, priorInformation: number): Promise<EstimatedBound> {
  requirePositive("information of the prior a coordinate", priorInformation);
  requireProbes(of, 2);
  const { mean, standardError } = await informationTrace(of);
  const { inputs } = of.products;
  const bound = (information: number) => vanTreesTrace(inputs, information, inputs * priorInformation);
  const estimate = bound(mean).value;
  const safe = bound(mean + 2 * standardError);
  return {
    ...safe,
    estimate,
    // |d(D²/t)/dt| = (D²/t) / t.
    standardError: (estimate / (mean + inputs * priorInformation)) * standardError,
    assumptions: [...safe.assumptions, ...probingAssumptions(of)],
  };
}
