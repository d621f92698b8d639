import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import type { ReducedHead } from "./reduced-head.ts";

/**
 * Mean softmax over the batch, from the bias gradient and the number of samples of every class:
 *
 *     mean p_k = db_k / (s B) + count_k / B
 *
 * A softmax has no negative entries: what rounding or wrong counts leave below 0 shows here.
 */
export function meanSoftmax(
  biasGradient: ArrayLike<number>,
  labelCounts: ArrayLike<number>,
  scale: number,
): Float64Array {
  const samples = Array.from(labelCounts).reduce((sum, count) => sum + count, 0);
  return Float64Array.from(biasGradient, (value, k) => value / (scale * samples) + labelCounts[k]! / samples);
}

/** Points of feature space, in the coordinates of the reduced head, that the gradient gives away before anything is unmixed. */
export interface FeatureGuess {
  /** An average of the samples. */
  readonly mean: Float64Array;
  /** For every class, where its row of the gradient points from there; as far as the logits change by at most 1. */
  readonly directions: readonly Float64Array[];
}

/**
 * What the rows of the gradient say of the features:
 *
 * - a class without samples has dW_k / db_k = Σ_i p_ik h_i / Σ_i p_ik, an average of the features; all such rows together give the mean h̄;
 * - a class with samples has dW_k / (s B) ≈ p̄_k h̄ − (count_k / B) m_k, where m_k is the mean feature of its samples.
 *
 * Without a class of the first kind the mean is the shortest vector with the right bias coordinate.
 */
export function featureGuess(
  head: ReducedHead,
  labelCounts: ArrayLike<number>,
  meanProbability: Float64Array,
  scale: number,
): FeatureGuess {
  const { classes, rank, gradient, biasGradient, ones } = head;
  const samples = Array.from(labelCounts).reduce((sum, count) => sum + count, 0);
  const row = (k: number): Float64Array => gradient.data.subarray(k * rank, (k + 1) * rank);
  const mean = new Float64Array(rank);
  let total = 0;
  for (let k = 0; k < classes; k++) {
    if (labelCounts[k] !== 0) continue;
    total += biasGradient[k]!;
    for (let c = 0; c < rank; c++) mean[c]! += row(k)[c]!;
  }
  const square = innerProduct(ones, ones);
  for (let c = 0; c < rank; c++) mean[c] = total > 0 ? mean[c]! / total : ones[c]! / square;
  const directions = Array.from({ length: classes }, (_, k) => {
    const count = labelCounts[k]!;
    const point =
      count === 0
        ? row(k).map((value) => value / biasGradient[k]!)
        : row(k).map((value, c) => (samples * meanProbability[k]! * mean[c]! - value / scale) / count);
    return shortened(
      head,
      point.map((value, c) => value - mean[c]!),
    );
  });
  return { mean, directions };
}

/** A direction of feature space, no longer than what changes the logits by 1 against each other. */
function shortened({ logits, classes, rank }: ReducedHead, direction: Float64Array): Float64Array {
  if (!direction.every(Number.isFinite)) return new Float64Array(rank);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < classes; k++) {
    const z = innerProduct(direction, logits.data.subarray(k * rank, (k + 1) * rank));
    low = Math.min(low, z);
    high = Math.max(high, z);
  }
  const factor = Math.min(1, 1 / (high - low));
  return norm(direction) > 0 ? direction.map((value) => factor * value) : direction;
}

/**
 * A mixing matrix [B, r] to start from: every sample at the mean, moved along its class's direction and by `spread` · N along all of them.
 *
 * Near the mean all softmax outputs are close to their average, so that no equation is off by orders of magnitude, as it is from a matrix that solves
 * them for guessed errors.
 */
export function mixingStart(
  { mean, directions }: FeatureGuess,
  labels: ArrayLike<number>,
  spread: number,
  random: Rng,
): Float64Array {
  const rank = mean.length;
  const mixing = new Float64Array(labels.length * rank);
  for (let i = 0; i < labels.length; i++) {
    const factors = directions.map((_, k) => spread * random.normal() + (k === labels[i] ? 1 : 0));
    for (let c = 0; c < rank; c++) {
      mixing[i * rank + c] = mean[c]! + directions.reduce((sum, direction, k) => sum + factors[k]! * direction[c]!, 0);
    }
  }
  return mixing;
}
