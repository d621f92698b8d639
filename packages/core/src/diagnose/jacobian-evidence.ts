import type { Executor, NdArray } from "@recon/engine";
import { count, norm } from "../arrays.ts";
import { knownNoise } from "../attacks/conclude.ts";
import { fitOf } from "../attacks/forward.ts";
import type { JacobianEvidence } from "../certificate/certify.ts";
import { unitRoundoff } from "../exact/result.ts";
import { cholesky, choleskySolve, inverseIteration } from "../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { executorProduct, type MatrixProduct } from "../linear-algebra/multiply.ts";
import { singularValues } from "../linear-algebra/singular-values.ts";
import type { Problem } from "../problem.ts";
import { denseJacobian, gramMatrix, type JacobianPoint, type Unknown } from "./jacobian.ts";

export interface JacobianEvidenceOptions {
  /** Dimension of the continuous symmetries of the observation at the candidate; 0 unless said. The order of a batch is discrete and counts for nothing. */
  readonly symmetryDimension?: number;
  /** More unknowns than this are not looked at, 4,096 unless said. */
  readonly mostUnknowns?: number;
  /** Up to this many numbers the Jacobian is decomposed itself, 2²¹ unless said; beyond, its Gram matrix, which loses half of the digits. */
  readonly mostDenseNumbers?: number;
  readonly signal?: AbortSignal;
}

/** What a certificate may rest on, or why there is nothing. */
export type MeasuredEvidence =
  | (JacobianEvidence & {
      /** Singular values at or below it do not count towards the rank. */
      readonly tolerance: number;
      readonly reason: string;
    })
  | { readonly reason: string };

/**
 * The Jacobian of the expected observation at a candidate, as evidence for `certify`: never more than was shown.
 *
 * Unknown are the inputs and, where nobody told the targets and the candidate's are not one-hot, the targets too. The smallest singular value is
 * reported less the error of its computation: max(rows, columns) ε σ₁ from the Jacobian itself. Where that is too large to hold, a Cholesky factor of
 * JᵀJ − τ I that exists shows σ_min² ≥ τ, up to 8 ε tr(JᵀJ), which is subtracted. Where no singular value above the tolerance is shown, the rank is
 * reported as deficient. The statement is about the neighbourhood in which D F is smooth.
 *
 * @returns evidence with the tolerance of the rank, or only a reason where the problem is too large or the candidate not finite.
 */
export async function jacobianEvidence(
  problem: Problem,
  executor: Executor,
  value: JacobianPoint,
  options: JacobianEvidenceOptions = {},
): Promise<MeasuredEvidence> {
  const { symmetryDimension = 0, mostUnknowns = 4096, mostDenseNumbers = 2 ** 21, signal } = options;
  const unknowns: readonly Unknown[] = targetsSettled(problem, value.target) ? ["input"] : ["input", "target"];
  const n = unknowns.reduce((sum, name) => sum + value[name].data.length, 0);
  if (n > mostUnknowns)
    return { reason: `The Jacobian in ${n} unknowns was not computed: the limit is ${mostUnknowns}.` };
  if (!value.input.data.every(Number.isFinite) || !value.target.data.every(Number.isFinite)) {
    return { reason: "The candidate is not finite, so it has no Jacobian." };
  }
  const entries = count(problem.observation);
  const where = { unknowns, ...(signal && { signal }) };
  const measured =
    n * entries <= mostDenseNumbers
      ? fromValues(singularValues(await denseJacobian(problem, executor, value, where)), n, entries, symmetryDimension)
      : await fromGram(await gramMatrix(problem, executor, value, where), executor, symmetryDimension, signal);
  const { residual } = await fitOf(problem, executor, value);
  const size = norm(problem.observation);
  const noiseStd = knownNoise(problem);
  return {
    rank: measured.rank,
    unknowns: n - symmetryDimension,
    smallestSingularValue: measured.smallest,
    tolerance: measured.tolerance,
    residualNorm: residual * size,
    noiseNorm: noiseStd > 0 ? noiseStd * Math.sqrt(entries) : unitRoundoff[problem.observationPrecision] * size,
    rms: norm({ input: value.input }) / Math.sqrt(value.input.shape[0] ?? 1),
    reason: `Rank ${measured.rank} of ${n - symmetryDimension} at tolerance ${measured.tolerance.toExponential(1)}, smallest singular value at least ${measured.smallest.toExponential(1)}.`,
  };
}

interface Measured {
  readonly rank: number;
  readonly smallest: number;
  readonly tolerance: number;
}

function fromValues(values: Float64Array, n: number, entries: number, symmetryDimension: number): Measured {
  const tolerance = Math.max(n, entries) * Number.EPSILON * (values[0] ?? 0);
  const rank = values.filter((value) => value > tolerance).length;
  // Values that fewer rows than columns leave out are zero.
  const last = values[n - symmetryDimension - 1] ?? 0;
  return { rank, smallest: Math.max(0, last - tolerance), tolerance };
}

/** A lower bound on σ_min from JᵀJ alone; a symmetry has directions of zero, which this cannot tell from a deficient rank. */
async function fromGram(
  gram: Matrix,
  executor: Executor,
  symmetryDimension: number,
  signal: AbortSignal | undefined,
): Promise<Measured> {
  const { rows: n, data } = gram;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += data[i * n + i]!;
  const margin = 8 * Number.EPSILON * trace;
  const deficient: Measured = { rank: n - symmetryDimension - 1, smallest: 0, tolerance: Math.sqrt(margin) };
  const { product, dispose } = executorProduct(executor);
  try {
    const factor = await shifted(gram, 0, product, signal);
    if (factor === undefined) return deficient;
    // Inverse iteration gives the smallest eigenvalue from above; half of it, or less, is then shown to be a bound from below.
    const above = inverseIteration((b) => choleskySolve(factor, b), n, 4);
    for (const share of [0.9, 0.5, 0.1]) {
      const shift = share * above;
      if (shift <= 2 * margin) return deficient;
      if ((await shifted(gram, shift, product, signal)) !== undefined) {
        return { rank: n, smallest: Math.sqrt(shift - margin), tolerance: Math.sqrt(margin) };
      }
    }
    return deficient;
  } finally {
    await dispose();
  }
}

/** The Cholesky factor of A − τ I; undefined where that is not positive definite. */
async function shifted(
  a: Matrix,
  shift: number,
  product: MatrixProduct,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const copy = matrix(a.rows, a.cols, a.data.slice());
  for (let i = 0; i < a.rows; i++) copy.data[i * a.cols + i]! -= shift;
  try {
    return await cholesky(copy, { product, signal });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "not-positive-definite") return undefined;
    throw error;
  }
}

/** Whether the targets are no unknowns: told, or one of finitely many, so that they have no neighbours. */
function targetsSettled({ knowledge, model }: Problem, { data }: NdArray): boolean {
  if (knowledge.labels !== undefined) return true;
  return model.target.kind === "distribution" && data.every((value) => value === 0 || value === 1);
}
