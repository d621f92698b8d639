import { innerProduct } from "../../linear-algebra/vector.ts";
import type { EstimatedBound } from "../bound.ts";
import { requireCount, requirePositive } from "../ranges.ts";
import { estimateOf, type ProbedInformation, probingAssumptions, randomSigns, requireProbes } from "./probing.ts";
import { vanTreesAssumptions } from "./van-trees.ts";

/** How far the Krylov space of a probe is followed. */
export interface LanczosOptions {
  /** Steps a probe, 60 unless given. Fewer give a smaller value, which is still a lower bound. */
  readonly steps?: number;
  /** A probe is done when its residual has fallen to this share, 1e-8 unless given. */
  readonly tolerance?: number;
}

/**
 * The matrix form of the van Trees bound, tr (I_D + ι I)⁻¹, without a matrix: the mean of vᵀ M⁻¹ v over random signs v, each by Lanczos quadrature.
 *
 * The quadrature of k steps equals vᵀ y_k of the k-th conjugate gradient iterate and rises to vᵀ M⁻¹ v from below, so that stopping early is safe.
 * A product M v takes one product with J and one with Jᵀ at every draw of the prior. `value` is the estimate less two standard errors, of
 * the probes and of the draws together.
 *
 * @param of At least two draws of the prior; `probes` is the number of probes altogether, at least two.
 * @param priorInformation ι > 0: information of the prior a coordinate, 1/τ² for N(0, τ² I).
 * @throws ReconError `too-few-draws`, `no-noise`, `shape`, `nothing-left`, `bad-option`.
 * @see G. H. Golub, G. Meurant, "Matrices, Moments and Quadrature with Applications", 2010, chapters 6 and 7.
 */
export async function probedMatrixBound(
  of: ProbedInformation,
  priorInformation: number,
  options: LanczosOptions = {},
): Promise<EstimatedBound> {
  const { steps = 60, tolerance = 1e-8 } = options;
  requirePositive("information of the prior a coordinate", priorInformation);
  requireCount("number of steps", steps);
  requireCount("number of probes", of.probes, 2);
  const precision = requireProbes(of, 2);
  const { products, points, signal } = of;
  const random = of.rng.split("inverse");
  const traces: number[] = [];
  // By point and probe: yᵀ I_x y with y = M⁻¹ v, whose mean tr(M⁻² I_x) is what the bound falls by as point x gains weight.
  const influences: number[][] = points.map(() => []);
  for (let probe = 0; probe < of.probes; probe++) {
    const v = randomSigns(products.inputs, random);
    const solution = new Float64Array(products.inputs);
    const residual = v.slice();
    let direction = v.slice();
    let square = innerProduct(residual, residual);
    const enough = tolerance ** 2 * square;
    for (let step = 0; step < steps && square > enough; step++) {
      const product = direction.map((value) => priorInformation * value);
      for (const point of points) {
        signal?.throwIfAborted();
        const weighted = (await products.forward(point, direction)).map((value, k) => value * precision[k]!);
        const back = await products.backward(point, weighted);
        for (let i = 0; i < product.length; i++) product[i]! += back[i]! / points.length;
      }
      const length = square / innerProduct(direction, product);
      for (let i = 0; i < solution.length; i++) {
        solution[i]! += length * direction[i]!;
        residual[i]! -= length * product[i]!;
      }
      const next = innerProduct(residual, residual);
      const turn = next / square;
      direction = direction.map((value, i) => residual[i]! + turn * value);
      square = next;
    }
    traces.push(innerProduct(v, solution));
    for (const [i, point] of points.entries()) {
      const product = await products.forward(point, solution);
      influences[i]!.push(product.reduce((total, value, k) => total + precision[k]! * value * value, 0));
    }
  }
  const byProbes = estimateOf([traces]);
  const standardError = Math.hypot(byProbes.standardError, estimateOf(influences).standardError);
  return {
    value: Math.max(0, byProbes.mean - 2 * standardError),
    estimate: byProbes.mean,
    standardError,
    kind: "lower",
    assumptions: [
      ...vanTreesAssumptions,
      "The draws of the prior are many enough for the inverse of their mean information to be near that of the expectation.",
      ...probingAssumptions(of),
    ],
  };
}
