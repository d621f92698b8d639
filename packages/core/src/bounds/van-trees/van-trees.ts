/**
 * Lower bounds on the plain squared error of any estimator of x from y = F(x) + noise, by the information that y carries.
 *
 * @see R. D. Gill, B. Y. Levit, "Applications of the van Trees inequality: a Bayesian Cramér–Rao bound", Bernoulli 1 (1995).
 */
import { ReconError } from "../../errors.ts";
import { cholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { inverseLower } from "../../linear-algebra/triangular.ts";
import type { Bound, EstimatedBound } from "../bound.ts";
import { requireCount, requireNonNegative } from "../ranges.ts";
import { type EntryNoise, entryPrecision } from "./entry-noise.ts";

/** What every van Trees bound rests on. */
export const vanTreesAssumptions: readonly string[] = [
  "The data is drawn from the prior, whose density is smooth and vanishes at its ends.",
  "The noise is Gaussian, independent of the data, of the stated scale, and nothing else of the data is seen.",
  "F is differentiable in almost every point and smooth between; kinks are left out.",
  "The error is plain squared error without matching; scores modulo sign or order may lie below honestly.",
];

/** What takes the place of the prior where only unbiased estimators are limited. */
export const unbiasedAssumptions: readonly string[] = [
  "The estimator is unbiased near the point; one with a prior may do better.",
  ...vanTreesAssumptions.slice(1),
];

/** Fisher information of one point: Jᵀ Σ⁻¹ J, D × D, from the N × D Jacobian there. @throws ReconError as `entryPrecision`. */
export function fisherInformation(jacobian: Matrix, noise: EntryNoise): Matrix {
  const { rows, cols: n, data } = jacobian;
  const precision = entryPrecision(noise, rows);
  const result = matrix(n, n);
  for (let k = 0; k < rows; k++) {
    if (precision[k] === 0) continue;
    for (let i = 0; i < n; i++) {
      const factor = precision[k]! * data[k * n + i]!;
      for (let j = 0; j < n; j++) result.data[i * n + j]! += factor * data[k * n + j]!;
    }
  }
  return result;
}

/**
 * E|x̂ − x|² ≥ tr (I_D + I_π)⁻¹, for any estimator, biased or not.
 *
 * @param information I_D = E_π[Jᵀ Σ⁻¹ J], D × D.
 * @param priorInformation I_π = E[∇log π ∇log πᵀ], D × D; the inverse covariance of a Gaussian prior.
 * @throws ReconError `shape`; `not-positive-definite` when some direction has information from neither side.
 */
export async function vanTrees(information: Matrix, priorInformation: Matrix): Promise<Bound> {
  const inverse = await inverseOfSum(information, priorInformation);
  return { value: trace(inverse), kind: "lower", assumptions: vanTreesAssumptions };
}

/**
 * The weaker form that needs two traces only: E|x̂ − x|² ≥ D² / (tr I_D + tr I_π).
 *
 * @throws ReconError `bad-option`; `not-positive-definite` when both traces are 0.
 */
export function vanTreesTrace(dimension: number, informationTrace: number, priorTrace: number): Bound {
  requireCount("dimension of the data", dimension);
  requireNonNegative("trace of the information", informationTrace);
  requireNonNegative("trace of the prior's information", priorTrace);
  if (informationTrace + priorTrace === 0) {
    throw new ReconError(
      "not-positive-definite",
      "Neither the observation nor the prior holds information, so no finite bound exists.",
    );
  }
  return { value: dimension ** 2 / (informationTrace + priorTrace), kind: "lower", assumptions: vanTreesAssumptions };
}

/**
 * tr (Jᵀ Σ⁻¹ J)⁻¹ at one point: limits unbiased estimators only.
 *
 * @param information Jᵀ Σ⁻¹ J at the point, D × D.
 * @throws ReconError `not-positive-definite` where the point is not determined to first order.
 */
export async function cramerRao(information: Matrix): Promise<Bound> {
  const inverse = await inverseOfSum(information, matrix(information.rows, information.rows));
  return {
    value: trace(inverse),
    kind: "lower",
    assumptions: unbiasedAssumptions,
  };
}

/**
 * The van Trees bound with I_D estimated by the mean over draws of the prior; `value` is the estimate less two standard errors.
 *
 * tr A⁻¹ is convex, so that the mean of few draws gives too large an estimate; its error falls with the number of draws, that of `value` below the
 * truth with the root of it.
 *
 * @param informations Jᵀ Σ⁻¹ J at independent draws of the prior, at least two.
 * @throws ReconError `too-few-draws`, `shape`, `not-positive-definite`.
 */
export async function vanTreesFromDraws(
  informations: readonly Matrix[],
  priorInformation: Matrix,
): Promise<EstimatedBound> {
  const n = informations.length;
  if (n < 2) throw new ReconError("too-few-draws", "A standard error needs at least two draws of the prior.");
  const mean = matrix(priorInformation.rows, priorInformation.cols);
  for (const { rows, cols, data } of informations) {
    if (rows !== mean.rows || cols !== mean.cols) {
      throw new ReconError(
        "shape",
        `An information of ${rows} x ${cols} does not fit a prior's of ${mean.rows} x ${mean.cols}.`,
      );
    }
    for (let i = 0; i < data.length; i++) mean.data[i]! += data[i]! / n;
  }
  const inverse = await inverseOfSum(mean, priorInformation);
  const estimate = trace(inverse);
  // To first order a change dA of the information changes the bound by −tr(A⁻² dA) = −Σ (A⁻²)ᵢⱼ dAᵢⱼ.
  const influences = informations.map((one) => weightedBySquare(inverse, one));
  const middle = influences.reduce((total, value) => total + value, 0) / n;
  const squares = influences.reduce((total, value) => total + (value - middle) ** 2, 0);
  const standardError = Math.sqrt(squares / (n * (n - 1)));
  return {
    value: Math.max(0, estimate - 2 * standardError),
    estimate,
    standardError,
    kind: "lower",
    assumptions: [
      ...vanTreesAssumptions,
      `The information is a mean over ${n} draws of the prior; two standard errors are taken off.`,
    ],
  };
}

/** Σᵢⱼ (B²)ᵢⱼ Cᵢⱼ for symmetric B and C. */
function weightedBySquare(b: Matrix, c: Matrix): number {
  const n = b.rows;
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let square = 0;
      for (let k = 0; k < n; k++) square += b.data[i * n + k]! * b.data[k * n + j]!;
      total += square * c.data[i * n + j]!;
    }
  }
  return total;
}

async function inverseOfSum(a: Matrix, b: Matrix): Promise<Matrix> {
  const n = a.rows;
  if (a.cols !== n || b.rows !== n || b.cols !== n) {
    throw new ReconError(
      "shape",
      `Informations must be square and of one size: ${a.rows} x ${a.cols} and ${b.rows} x ${b.cols} are not.`,
    );
  }
  const factor = await cholesky(
    matrix(
      n,
      n,
      a.data.map((value, i) => value + b.data[i]!),
    ),
    { product: plainProduct },
  );
  const { data } = inverseLower(factor);
  const result = matrix(n, n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const left = data[k * n + i]!;
      for (let j = 0; j <= k; j++) result.data[i * n + j]! += left * data[k * n + j]!;
    }
  }
  return result;
}

function trace({ rows, data }: Matrix): number {
  let total = 0;
  for (let i = 0; i < rows; i++) total += data[i * rows + i]!;
  return total;
}
