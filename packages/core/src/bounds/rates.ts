/**
 * How the error of the tensor attack on a two-layer network (from above) and of any attack (from below) grow with the size of the problem, defence
 * by defence: root mean square over the batch, up to constants and logarithms that the theorems do not give.
 *
 * Rates, not bounds: an error may lie on either side of them by a constant factor, and both are marked approximations. `vanTrees` gives numbers
 * that hold.
 *
 * @see Liu, Wang, Chen & Lei, Data Reconstruction Attacks and Defenses: A Systematic Evaluation, AISTATS 2025.
 */
import { ReconError } from "../errors.ts";
import type { Bound } from "./bound.ts";
import { requireCount, requireNoise, requireNonNegative, requirePositive } from "./ranges.ts";

/** The size of the problem. */
export interface TwoLayerSize {
  /** B. */
  readonly batch: number;
  /** d. */
  readonly dimension: number;
  /** m. */
  readonly width: number;
}

/** Both rates of a defence; absent where none is proved. */
export interface Rates {
  readonly upper?: Bound;
  readonly lower?: Bound;
}

const setting: readonly string[] = [
  "A two-layer network whose first-layer weights are independent standard normal numbers, with a smooth activation and squared loss.",
  "Inputs are linearly independent unit vectors; the width is large against the dimension.",
  "A rate: constants, logarithms and the conditioning of the batch are left out.",
];

function rate(value: number, ...more: readonly string[]): Bound {
  return { value, kind: "approximation", assumptions: [...setting, ...more] };
}

/** √(d/m), after checking the size. */
function unit({ batch, dimension, width }: TwoLayerSize): number {
  requireCount("batch size", batch);
  requireCount("dimension of the data", dimension);
  requireCount("hidden width", width);
  return Math.sqrt(dimension / width);
}

const exact = rate(
  0,
  "Nothing is added to the gradient; least squares on it, started from the tensor attack, then recover the batch exactly.",
);

/** No defence: B √(d/m) above, 0 below. @throws ReconError `bad-option`. */
export function undefendedRates(size: TwoLayerSize): Rates {
  return { upper: rate(size.batch * unit(size)), lower: exact };
}

/** K local steps of a wide network: the rates of one gradient with residuals summed over the steps. @throws ReconError `bad-option`. */
export function localStepsRates(size: TwoLayerSize): Rates {
  const wide = "The network is so wide that the hidden layer's activations do not move during the local steps.";
  const { upper } = undefendedRates(size);
  return {
    upper: { ...upper!, assumptions: [...upper!.assumptions, wide] },
    lower: { ...exact, assumptions: [...exact.assumptions, wide] },
  };
}

/** The sum over n clients: a batch of n B. @throws ReconError `bad-option`. */
export function aggregationRates(size: TwoLayerSize, clients: number): Rates {
  requireCount("number of clients", clients);
  return undefendedRates({ ...size, batch: clients * size.batch });
}

/** The whole batch's gradient clipped: its direction, and with it the rates, stay. @throws ReconError `bad-option` for a clip bound of 0. */
export function clipRates(size: TwoLayerSize, clipBound: number): Rates {
  requirePositive("clip bound", clipBound);
  const scale = "One scale is unknown besides.";
  const { upper } = undefendedRates(size);
  return {
    upper: { ...upper!, assumptions: [...upper!.assumptions, scale] },
    lower: { ...exact, assumptions: [...exact.assumptions, scale] },
  };
}

/** Each record's gradient clipped: the upper rate holds with the residuals' new ratio; no lower rate is known. @throws ReconError `bad-option`. */
export function clipRecordsRates(size: TwoLayerSize, clipBound: number): Rates {
  requirePositive("clip bound", clipBound);
  return {
    upper: rate(size.batch * unit(size), "The largest clipped residual is a bounded multiple of the smallest."),
  };
}

/** Gaussian noise of standard deviation σ: (B + σ) √(d/m) above, σ √(d/m) below. @throws ReconError `no-noise`, `bad-option`. */
export function gaussianRates(size: TwoLayerSize, noiseStd: number): Rates {
  requireNoise("standard deviation of the noise", noiseStd);
  const added = "The noise is Gaussian and independent of the data.";
  return { upper: rate((size.batch + noiseStd) * unit(size), added), lower: rate(noiseStd * unit(size), added) };
}

export interface DpSgdRates extends TwoLayerSize {
  /** σ, in the units of the clipped gradient. */
  readonly noiseStd: number;
  /** S > 0. */
  readonly clipBound: number;
  /** |G| before clipping. */
  readonly gradientNorm: number;
}

/** Clipping to S and noise σ: as noise of σ max(1, |G| / S) on the unclipped gradient. @throws ReconError `no-noise`, `bad-option`. */
export function dpSgdRates({ noiseStd, clipBound, gradientNorm, ...size }: DpSgdRates): Rates {
  requirePositive("clip bound", clipBound);
  requireNonNegative("norm of the gradient", gradientNorm);
  requireNoise("standard deviation of the noise", noiseStd);
  return gaussianRates(size, noiseStd * Math.max(1, gradientNorm / clipBound));
}

/**
 * A share p of the hidden units dropped: m → (1 − p) m. The lower rate needs noise σ besides and is 0 without.
 *
 * @throws ReconError `nothing-left` for p = 1; `bad-option`.
 */
export function dropoutRates(size: TwoLayerSize, dropped: number, noiseStd = 0): Rates {
  const left = keptUnit(size, dropped, "dropout rate");
  requireNonNegative("standard deviation of the noise", noiseStd);
  return {
    upper: rate(size.batch * left),
    lower: rate(noiseStd * left, "The surviving units are seen, as nonzero rows."),
  };
}

/**
 * A share p̂ of the gradient pruned, weighted by the Jacobian's squares. No upper rate is proved; a mask-aware attack is exact without noise.
 *
 * @throws ReconError `nothing-left` for p̂ = 1; `bad-option`.
 */
export function pruningRates(size: TwoLayerSize, pruned: number, noiseStd = 0): Rates {
  const left = keptUnit(size, pruned, "pruned share");
  requireNonNegative("standard deviation of the noise", noiseStd);
  return {
    lower: rate(noiseStd * left, "The attacker reads the mask off the zeros and fits the surviving entries only."),
  };
}

function keptUnit(size: TwoLayerSize, removed: number, name: string): number {
  requireNonNegative(name, removed);
  if (removed >= 1)
    throw new ReconError("nothing-left", `A ${name} of ${removed} leaves nothing to send. It must be below 1.`);
  return unit(size) / Math.sqrt(1 - removed);
}
