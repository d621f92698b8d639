/**
 * Labels of a batch from the gradient of the last layer under mean cross-entropy: ∂ℓ/∂bᵢ = (1/B) Σₖ (pₖᵢ − yₖᵢ), and rows of ∂ℓ/∂W
 * are the same errors times the features. All return B labels in ascending order (`idlgLabel` one).
 */
import { ReconError, type Rng } from "@recon/core";
import { drawDown, smallestPlace } from "./draw-down.ts";
import { type HeadGradient, headBias, rowSums } from "./head-gradient.ts";

const ascending = (labels: readonly number[]): number[] => [...labels].sort((a, b) => a - b);

/** @throws ReconError `bad-batch` unless batch is a whole number of at least 1, and at most `most` where labels must differ. */
function checkBatch(batch: number, most: number = Number.POSITIVE_INFINITY): void {
  if (Number.isSafeInteger(batch) && batch >= 1 && batch <= most) return;
  const limit = Number.isFinite(most) ? ` and at most ${most}, since it finds every class once` : "";
  throw new ReconError(
    "bad-batch",
    `Label recovery needs a batch size that is a whole number of at least 1${limit}, not ${batch}.`,
  );
}

/**
 * One label: the row of ∂ℓ/∂W with the smallest sum, argminᵢ Σⱼ Wᵢⱼ. Exact for a batch of one with non-negative features.
 *
 * @see B. Zhao, K. R. Mopuri, H. Bilen, "iDLG: Improved Deep Leakage from Gradients", 2020.
 */
export function idlgLabel(head: HeadGradient): number {
  return smallestPlace(rowSums(head));
}

/**
 * The classes whose bias gradient is negative; where they are fewer than the batch, the rest is drawn from all classes, where they are more, the
 * most negative. Finds every class that occurs when predictions are near uniform, but no class twice.
 */
export function analyticLabels(head: HeadGradient, batch: number, rng: Rng): number[] {
  checkBatch(batch);
  const bias = headBias(head);
  const negative = Array.from(bias.keys())
    .filter((label) => bias[label]! < 0)
    .sort((a, b) => bias[a]! - bias[b]!)
    .slice(0, batch);
  const rest = Array.from({ length: batch - negative.length }, () => rng.integer(head.classes));
  return ascending([...negative, ...rest]);
}

/**
 * The B classes with the smallest entry of their row, minⱼ Wᵢⱼ: labels that differ, features that are not negative.
 *
 * @throws ReconError `bad-batch` when there are fewer classes than samples.
 * @see H. Yin et al., "See through Gradients: Image Batch Recovery via GradInversion", CVPR 2021, eq. 4.
 */
export function yinLabels(head: HeadGradient, batch: number): number[] {
  checkBatch(batch, head.classes);
  const features = head.weight.data.length / head.classes;
  const smallest = new Float64Array(head.classes).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < head.weight.data.length; i++) {
    const label = Math.floor(i / features);
    smallest[label] = Math.min(smallest[label]!, head.weight.data[i]!);
  }
  const order = Array.from(smallest.keys()).sort((a, b) => smallest[a]! - smallest[b]! || a - b);
  return ascending(order.slice(0, batch));
}

/**
 * Labels with repetitions from row sums rᵢ: one sample lowers its row by about m = (1 + 1/K)/B · Σ_{rᵢ<0} rᵢ. Every negative row once, then the
 * smallest again and again, each time lifted by |m|.
 *
 * @see A. Wainakh et al., "User-Level Label Leakage from Gradients in Federated Learning", PoPETs 2022 (without auxiliary data).
 */
export function wainakhSimpleLabels(head: HeadGradient, batch: number): number[] {
  checkBatch(batch);
  const sums = rowSums(head);
  const impact = ((1 + 1 / head.classes) / batch) * negativeSum(sums);
  return drawDown(sums, impact, batch);
}

/**
 * The same on the bias gradient, which features do not scale: m = Σ_{bᵢ<0} bᵢ / B.
 *
 * @see A. Wainakh et al., PoPETs 2022, for the rule on row sums.
 */
export function biasCorrectedLabels(head: HeadGradient, batch: number): number[] {
  checkBatch(batch);
  const bias = headBias(head);
  return drawDown(bias, negativeSum(bias) / batch, batch);
}

const negativeSum = (values: Float64Array): number => values.reduce((total, value) => total + Math.min(value, 0), 0);

export interface ClassCountsOptions {
  readonly batch: number;
  /** Mean softmax p over inputs like the victim's, one entry a class. */
  readonly probabilities: ArrayLike<number>;
  /** Mean over samples of the sum of the features before the last layer. */
  readonly featureSum: number;
  /** Gradient steps that the observation adds up; 1 unless said. */
  readonly steps?: number;
}

/**
 * How often each class occurs, from row sums and what is known of the model's typical answers: countᵢ = B pᵢ − B rᵢ / (O S), rounded so that the
 * counts add up to B (largest remainders first, none negative).
 *
 * @see J. Geng et al., "Towards General Deep Leakage in Federated Learning", 2021; D. I. Dimitrov et al., "Data Leakage in Federated
 * Averaging", TMLR 2022.
 */
export function classCounts(
  head: HeadGradient,
  { batch, probabilities, featureSum, steps = 1 }: ClassCountsOptions,
): number[] {
  checkBatch(batch);
  if (probabilities.length !== head.classes || !(Math.abs(featureSum) > 0)) {
    throw new ReconError(
      "bad-option",
      `classCounts: needs ${head.classes} probabilities and a feature sum other than 0.`,
    );
  }
  const expected = rowSums(head).map((sum, i) =>
    Math.max(0, batch * probabilities[i]! - (batch * sum) / (featureSum * steps)),
  );
  return roundToTotal(expected, batch);
}

/** Whole numbers near `values` that add up to `total`: scaled to it, rounded down, and the largest remainders lifted by one. */
function roundToTotal(values: Float64Array, total: number): number[] {
  const sum = values.reduce((a, b) => a + b, 0);
  const scaled = values.map((value) => (sum > 0 ? (value * total) / sum : total / values.length));
  const rounded = Array.from(scaled, Math.floor);
  const byRemainder = rounded
    .map((_, i) => i)
    .sort((a, b) => scaled[b]! - rounded[b]! - (scaled[a]! - rounded[a]!) || a - b);
  const missing = total - rounded.reduce((a, b) => a + b, 0);
  for (const i of byRemainder.slice(0, missing)) rounded[i]! += 1;
  return rounded;
}
