import type { JacobianEvidence } from "../../certificate/certify.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import {
  type LevenbergMarquardtOptions,
  type LevenbergMarquardtResult,
  levenbergMarquardt,
} from "../../solvers/levenberg-marquardt.ts";
import type { ExactResult } from "../result.ts";
import { headEvidence } from "./head-evidence.ts";
import { headMisfit } from "./head-misfit.ts";
import { featureGuess, meanSoftmax, mixingStart } from "./mixing-start.ts";
import { type MixingSystem, mixingSystem } from "./mixing-system.ts";
import { type HeadSources, type ReducedHead, reducedHead } from "./reduced-head.ts";
import { sameRows } from "./same-rows.ts";

/** What unmixing is told besides the head and its gradient. */
export interface UnmixHeadOptions {
  /** Number of samples of every class [K]; they add up to the batch size. */
  readonly labelCounts: ArrayLike<number>;
  /** How the loss of a batch is formed; mean unless said. */
  readonly reduction?: "mean" | "sum";
  readonly precision: "float32" | "float64";
  /** Standard deviation of known, independent noise on every entry of the gradient; 0 unless said. */
  readonly noiseStd?: number;
  /** Bounds of a feature, such as [0, 1] behind a sigmoid: a solution outside is not accepted. */
  readonly range?: readonly [number, number];
  readonly rng: Rng;
  /** Starts that are tried, 100 unless said. */
  readonly starts?: number;
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
}

/** The inputs of a softmax head, sample by sample, in the order of their labels. */
export interface UnmixedHead {
  /** H [B, F]. */
  readonly features: Matrix;
  /** Ascending; samples of one label in no particular order. */
  readonly labels: Int32Array;
  /** Δ [B, K], ∂ℓ/∂logits of every sample. */
  readonly errors: Matrix;
  /** Equations less unknowns of the reduced problem. */
  readonly excess: number;
  /** Of (dW, db) in all entries of H, in units of the noise of a class's row. */
  readonly jacobian: JacobianEvidence;
  /** Whether another solution explains the gradient as well, as far as the starts showed. */
  readonly ambiguous: boolean;
  readonly starts: number;
}

interface Candidate {
  readonly features: Matrix;
  readonly errors: Matrix;
  /** Of the weighted equations. */
  readonly cost: number;
}

/**
 * Features of every sample behind a softmax head, whatever the net before it, from the head's gradient alone:
 *
 *     dW = Δᵀ H,  db = Δᵀ 1,  Δ = s (softmax(H Wᵀ + b) − Y)
 *
 * The rows of [H | 1] lie in the row space of [dW | db], so B samples leave B² unknowns (`ReducedHead`), found by Levenberg–Marquardt from random
 * starts (`mixingStart`). There are (K − 1) B + B equations for them: at least B more than unknowns while B ≤ K − 1.
 *
 * Needs independent rows of errors and of [H | 1]: B ≤ K − 1, no repeated samples, none that the net already fits to rounding. Otherwise the value is
 * absent and the reason says which. With fewer features than samples the row space is the whole one, and the unknowns are H itself.
 *
 * From float64 a false minimum cannot reach the rounding of a true one. Where rounding or noise is coarser, several starts are compared, and `ambiguous`
 * says whether two different solutions explain the gradient.
 *
 * @returns residual ‖(dW, db)(Ĥ) − (dW, db)‖ / ‖(dW, db)‖.
 */
export async function unmixHead(head: HeadSources, options: UnmixHeadOptions): Promise<ExactResult<UnmixedHead>> {
  const { labelCounts, reduction = "mean", precision, noiseStd = 0, product = plainProduct, starts = 100 } = options;
  const assumptions = ["weights", "lossKind", "lossReduction", "labelCounts"];
  const fail = (reason: string, residual = Number.NaN): ExactResult<UnmixedHead> => ({ residual, assumptions, reason });
  const labels = Int32Array.from(Array.from(labelCounts).flatMap((count, k) => new Array<number>(count).fill(k)));
  const samples = labels.length;
  if (samples === 0) return fail("There are no labels, so there is no sample to look for.");
  const scale = reduction === "mean" ? 1 / samples : 1;
  const found = await reducedHead(head, { labelCounts, scale, precision, noiseStd, product });
  if (found.value === undefined) return fail(`The head's gradient: ${found.reason}`);
  const reduced = found.value;
  const excess = (reduced.classes - 1) * reduced.rank + samples - samples * reduced.rank;
  if (excess <= 0)
    return fail(`${samples} samples are ${-excess} unknowns more than the head's gradient has equations.`);
  const probability = meanSoftmax(reduced.biasGradient, labelCounts, scale);
  const negative = probability.findIndex((p, k) => p < -10 * probabilityNoise(reduced, k, samples * scale));
  if (negative >= 0) {
    return fail(
      `The label counts do not fit the bias gradient: class ${negative} would have a mean probability of ${probability[negative]!.toPrecision(2)}.`,
    );
  }

  const systems = {
    relative: mixingSystem(reduced, labels, scale, reduced.relative),
    likely: mixingSystem(
      reduced,
      labels,
      scale,
      reduced.noise.map((size) => 1 / size),
    ),
  };
  const guess = featureGuess(reduced, labelCounts, probability, scale);
  const accepted = acceptedCost(reduced, noiseStd);
  const enough = precision === "float64" && !(noiseStd > 0) ? 1 : 10;
  const candidates: Candidate[] = [];
  let least = Number.POSITIVE_INFINITY;
  let start = 1;
  for (; start <= starts && (candidates.length === 0 || start <= enough); start++) {
    options.signal?.throwIfAborted();
    const random = options.rng.split(`start ${start}`);
    const first = mixingStart(guess, labels, start <= 10 ? 0.3 : 0.1 * 10 ** random.uniform(), random);
    const near = await descend(
      systems.relative,
      first,
      { iterations: 100, tolerance: accepted, progress: 1e-6 },
      options,
    );
    least = Math.min(least, near.cost);
    if (!(near.cost <= accepted)) continue;
    const { value, cost } = await descend(
      systems.likely,
      near.value,
      { iterations: 30, damping: 1e-12, progress: 0.1 },
      options,
    );
    const features = multiply(matrix(samples, reduced.rank, value), reduced.basis);
    if (within(features, options.range)) candidates.push({ features, errors: systems.likely.errors(value), cost });
  }
  const [best, ...others] = candidates.sort((a, b) => a.cost - b.cost);
  if (best === undefined) {
    const missed = Math.sqrt(least).toExponential(1);
    return fail(
      `None of ${starts} starts explained the gradient; the nearest missed it by ${missed}.`,
      Math.sqrt(least),
    );
  }
  const { features, errors } = best;
  const misfit = headMisfit(head, features, errors);
  const jacobian = await headEvidence(head, reduced, { features, labels, errors, scale, noiseStd }, product);
  const farthest = Math.max(
    1e-3,
    (10 * Math.max(jacobian.noiseNorm, jacobian.residualNorm)) / (jacobian.smallestSingularValue * jacobian.rms),
  );
  const ambiguous = others.some((other) => !sameRows(other.features, features, labels, farthest));
  return {
    value: { features, labels, errors, excess, jacobian, ambiguous, starts: start - 1 },
    residual: misfit.relative,
    assumptions,
    reason: ambiguous
      ? `Two different sets of ${samples} samples explain the head's gradient to its precision.`
      : `Unmixed ${samples} samples, with ${excess} equations more than unknowns, by start ${start - 1}.`,
  };
}

async function descend(
  system: MixingSystem,
  start: Float64Array,
  limits: LevenbergMarquardtOptions,
  { product, signal }: UnmixHeadOptions,
): Promise<LevenbergMarquardtResult> {
  return levenbergMarquardt({
    start,
    linearise: system.linearise,
    cost: system.cost,
    ...(product !== undefined && { product }),
    signal,
    options: { damping: 1e-2, floor: 1e-15, ...limits },
  });
}

/** Rounding of a mean probability, as db shows it. */
function probabilityNoise({ noise, tau }: ReducedHead, k: number, total: number): number {
  return noise[k]! / (tau * total);
}

/** Cost of the relative equations at which a solution explains the gradient. */
function acceptedCost({ relative, noise }: ReducedHead, noiseStd: number): number {
  const margin = noiseStd > 0 ? 2 : 10;
  return Math.max(1e-20, 2 * (margin * norm(relative.map((w, k) => w * noise[k]!))) ** 2);
}

function within({ data }: Matrix, range: readonly [number, number] | undefined): boolean {
  if (range === undefined) return true;
  const slack = 1e-3 * (range[1] - range[0]);
  return data.every((value) => value >= range[0] - slack && value <= range[1] + slack);
}
