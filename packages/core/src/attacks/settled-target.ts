import { type Executor, mul, type NdArray, sum } from "@recon/engine";
import { unitRoundoff } from "../exact/result.ts";
import type { Problem } from "../problem.ts";
import { type Fit, fitOf } from "./forward.ts";
import { traceModel } from "./model-layers.ts";

/** A target, and how well the observation is explained with it. */
export interface SettledTarget {
  readonly target: NdArray;
  /** ‖F(x̂) − y‖ / ‖y‖ on the whole observation. */
  readonly residual: number;
  /** The same with ∂ℓ/∂z of the head as it was sent in place of the loss's own, where these agree to the rounding of the victim's softmax. */
  readonly residualAsSent?: number;
}

/** p − y of a confident prediction is a difference of numbers near 1: a softmax of a few operations is off by a few units of their rounding. */
const softmaxRoundings = 8;

/**
 * The target of one sample whose input is known: of those that come into question, the one that explains the observation best; under squared error, where
 * (2 / T) (ŷ − y) = db, the one that explains the head's bias gradient.
 *
 * Under softmax cross-entropy db = p − y cancels where p is close to the class y: the victim's own rounding, 6e-8 of 1 in float32, is then no longer small
 * beside it. Every gradient is a linear function of db, so the whole observation is off by as much, and the input is not. What the observation should
 * be is then compared with db as it was sent, and db itself with p − y to a few roundings of 1.
 *
 * @param tolerance residual up to which the observation is explained, so that none of this is needed.
 */
export async function settledTarget(
  problem: Problem,
  executor: Executor,
  input: NdArray,
  candidates: readonly NdArray[],
  tolerance: number,
): Promise<SettledTarget> {
  let [target, fit] = [candidates[0]!, await fitOf(problem, executor, { input, target: candidates[0]! })];
  for (const candidate of candidates.slice(1)) {
    const other = await fitOf(problem, executor, { input, target: candidate });
    if (other.residual < fit.residual) [target, fit] = [candidate, other];
  }
  const { residual } = fit;
  const head = traceModel(problem.model).layers.at(-1)?.bias;
  const difference = head === undefined ? undefined : differenceOf(fit, problem, head);
  if (residual <= tolerance || difference === undefined || difference.length !== target.data.length) {
    return { target, residual };
  }
  if (problem.model.lossKind === "mean-squared-error") {
    const half = difference.length / 2;
    const moved = { ...target, data: Float64Array.from(target.data, (value, i) => value + half * difference[i]!) };
    return { target: moved, residual: (await fitOf(problem, executor, { input, target: moved })).residual };
  }
  const rounding = softmaxRoundings * unitRoundoff[problem.observationPrecision];
  if (problem.model.lossKind !== "cross-entropy" || !difference.every((value) => Math.abs(value) <= rounding)) {
    return { target, residual };
  }
  const sent = { shape: target.shape, data: problem.observation[head!]!.data };
  const { residual: residualAsSent } = await fitOf(withLinearLoss(problem), executor, { input, target: sent });
  return { target, residual, residualAsSent };
}

/** Expected minus observed gradient of the head's bias. */
function differenceOf({ expected }: Fit, { observation }: Problem, head: string): Float64Array | undefined {
  const [ours, sent] = [expected[head]?.data, observation[head]?.data];
  return ours && sent && Float64Array.from(ours, (value, i) => value - sent[i]!);
}

/** The problem with the loss ⟨z, target⟩, whose derivative by the head's output z is the target. */
export function withLinearLoss(problem: Problem): Problem {
  const { model } = problem;
  return { ...problem, model: { ...model, loss: (output, { target }) => sum(mul(output, target!)) } };
}
