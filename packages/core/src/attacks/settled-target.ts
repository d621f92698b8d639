import type { Executor, NdArray } from "@recon/engine";
import { unitRoundoff } from "../exact/result.ts";
import type { Problem } from "../problem.ts";
import { fitOf } from "./forward.ts";
import { traceModel } from "./model-layers.ts";

/** A target, and the residual on the whole observation with it. */
export interface SettledTarget {
  readonly target: NdArray;
  readonly residual: number;
}

/** p − y of a confident prediction is a difference of numbers near 1: a softmax of a few operations is off by a few units of their rounding. */
const softmaxRoundings = 8;

/**
 * The target of one sample whose input is known, of those that come into question: the one that explains the observation best, then moved to where it
 * explains the head's bias gradient,
 *
 *     softmax cross-entropy: db = p − y      squared error, mean of T outputs: db = (2 / T) (ŷ − y)
 *
 * Under squared error that is the target. Under cross-entropy it is a class, and the move repairs what the victim's own arithmetic did: where p is within
 * 1e-4 of the class, p − y cancels, and its rounding (6e-8 in float32) is no longer small beside it. All gradients are proportional to it, so the
 * observation is that of a target which is off by just as much. A move beyond a few roundings of 1 is not made.
 *
 * @param tolerance residual from which on the observation is explained, so that nothing need be moved.
 */
export async function settledTarget(
  problem: Problem,
  executor: Executor,
  input: NdArray,
  candidates: readonly NdArray[],
  tolerance: number,
): Promise<SettledTarget> {
  let best: SettledTarget = { target: candidates[0]!, residual: Number.POSITIVE_INFINITY };
  let biasGradient: ArrayLike<number> = [];
  const head = traceModel(problem.model).layers.at(-1)?.bias ?? "";
  for (const target of candidates) {
    const { residual, expected } = await fitOf(problem, executor, { input, target });
    if (!(residual < best.residual)) continue;
    best = { target, residual };
    biasGradient = expected[head]?.data ?? [];
  }
  const observed = problem.observation[head]?.data;
  const move = moves[problem.model.lossKind];
  if (best.residual <= tolerance || observed === undefined || move === undefined) return best;
  const { data, shape } = best.target;
  if (observed.length !== data.length || biasGradient.length !== data.length) return best;
  const { perError, most } = move(data.length, unitRoundoff[problem.observationPrecision]);
  const steps = Float64Array.from(data, (_, i) => perError * (biasGradient[i]! - observed[i]!));
  if (!steps.every((step) => Math.abs(step) <= most)) return best;
  const target = { shape, data: Float64Array.from(data, (value, i) => value + steps[i]!) };
  const { residual } = await fitOf(problem, executor, { input, target });
  return residual < best.residual ? { target, residual } : best;
}

/** How far the target moves with db, and how far it may: at most. */
const moves: Readonly<
  Record<string, (outputs: number, rounding: number) => { readonly perError: number; readonly most: number }>
> = {
  "cross-entropy": (_, rounding) => ({ perError: 1, most: softmaxRoundings * rounding }),
  "mean-squared-error": (outputs) => ({ perError: outputs / 2, most: Number.POSITIVE_INFINITY }),
};
