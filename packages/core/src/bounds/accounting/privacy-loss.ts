/** An accountant by privacy loss distributions: δ(ε) of a composition, between two values that hold it. */
import { ReconError } from "../../errors.ts";
import { requireCount, requireInsideUnit, requireNonNegative } from "../ranges.ts";
import { composeLosses, type LossWindow, lossWindow, type RepeatedLoss } from "./compose-losses.ts";
import { type DominatingPair, gaussianPair, reversedPair, sampledPair } from "./dominating-pair.ts";
import { guarantee, type PrivacyGuarantee, requireMechanism, type SampledGaussian } from "./guarantee.ts";
import { type HockeyStick, hockeyStick } from "./hockey-stick.ts";
import { lossOnGrid } from "./loss-grid.ts";

/** A mechanism, as the pair that dominates it, and how often it runs. */
export interface RepeatedPair {
  readonly pair: DominatingPair;
  readonly times: number;
}

/** Two numbers with the true one between them. */
export interface Enclosure {
  readonly lower: number;
  readonly upper: number;
}

/** δ as a function of ε and the reverse, each enclosed. */
export interface PrivacyProfile {
  /** @throws ReconError `bad-option` for a negative ε. */
  delta(epsilon: number): Enclosure;
  /** `upper` is infinite where δ is smaller than what the computation resolves. @throws ReconError `bad-option` unless 0 < δ < 1. */
  epsilon(delta: number): Enclosure;
}

export interface PrivacyLossOptions {
  /** Points of the grid, a power of two; 2¹⁷ unless given. Four times as many narrow the enclosure sixteenfold. */
  readonly cells?: number;
}

/**
 * The privacy of mechanisms run one after the other on the same data, when a record is added or removed.
 *
 * δ(ε) = E_P (1 − e^(ε − L))₊ with L the sum of the mechanisms' privacy losses. Losses are put on a grid in a safe direction (`lossOnGrid`), added by
 * the Fourier transform, and both directions of the pair are taken: the larger δ counts.
 *
 * @throws ReconError `bad-option`, `shape` for an empty list.
 * @see Koskela, Jälkö & Honkela, Computing Tight Differential Privacy Guarantees Using FFT, AISTATS 2020.
 */
export function privacyProfile(mechanisms: readonly RepeatedPair[], options: PrivacyLossOptions = {}): PrivacyProfile {
  const { cells = 2 ** 17 } = options;
  if (mechanisms.length === 0) throw new ReconError("shape", "privacyProfile needs at least one mechanism.");
  if (!Number.isInteger(Math.log2(cells)) || cells < 64) {
    throw new ReconError(
      "bad-option",
      `The number of grid points must be a power of two of at least 64, not ${cells}.`,
    );
  }
  for (const { times } of mechanisms) requireCount("number of repetitions", times);
  const directions = mechanisms.every(({ pair }) => pair.symmetric)
    ? [mechanisms]
    : [mechanisms, mechanisms.map(({ pair, times }) => ({ pair: reversedPair(pair), times }))];
  const sides = directions.map((direction) => oneDirection(direction, cells));
  const largest = (of: (side: Sides) => number): number => Math.max(...sides.map(of));
  return {
    delta(epsilon) {
      requireNonNegative("epsilon", epsilon);
      return { lower: largest((s) => s.lower.delta(epsilon)), upper: largest((s) => s.upper.delta(epsilon)) };
    },
    epsilon(delta) {
      requireInsideUnit("delta", delta);
      return { lower: largest((s) => s.lower.epsilon(delta)), upper: largest((s) => s.upper.epsilon(delta)) };
    },
  };
}

interface Sides {
  readonly lower: HockeyStick;
  readonly upper: HockeyStick;
}

function oneDirection(mechanisms: readonly RepeatedPair[], cells: number): Sides {
  const grids = (step: number): { lower: RepeatedLoss[]; upper: RepeatedLoss[] } => {
    const found = mechanisms.map(({ pair, times }) => ({ ...lossOnGrid(pair, step), times }));
    return {
      lower: found.map(({ lower, times }) => ({ loss: lower, times })),
      upper: found.map(({ upper, times }) => ({ loss: upper, times })),
    };
  };
  // A coarse grid tells how far the sum reaches, and that how fine the grid may be.
  const widths = mechanisms.map(({ pair }) => pair.range(1e-22)).map(([low, high]) => high - low);
  const coarse = reach(grids(Math.max(...widths) / 4096));
  let step = (1.01 * (coarse.high - coarse.low)) / (cells - 4);
  let fine = grids(step);
  let window = reach(fine, coarse);
  // The finer grid's own window may be a little wider than the coarse one's.
  while (window.high - window.low > step * (cells - 2)) {
    step *= 1.05;
    fine = grids(step);
    window = reach(fine, coarse);
  }
  const first = Math.floor(window.low / step);
  return {
    lower: hockeyStick(composeLosses(fine.lower, first, cells), "lower"),
    upper: hockeyStick(composeLosses(fine.upper, first, cells), "upper"),
  };
}

interface Reach {
  readonly low: number;
  readonly high: number;
  readonly windows: readonly [LossWindow, LossWindow];
}

/** A window that holds the sums of both grids. */
function reach(grids: { readonly lower: RepeatedLoss[]; readonly upper: RepeatedLoss[] }, like?: Reach): Reach {
  const a = lossWindow(grids.lower, like?.windows[0].exponents);
  const b = lossWindow(grids.upper, like?.windows[1].exponents);
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high), windows: [a, b] };
}

/** An (ε, δ) guarantee together with a value that the true ε is not below. */
export interface EnclosedGuarantee extends PrivacyGuarantee {
  readonly lowerEpsilon: number;
}

/**
 * (ε, δ) of DP-SGD by privacy loss distributions: the tightest of the accountants.
 *
 * @throws ReconError `no-noise`, `bad-option`; `epsilon-not-reachable` where δ is below what the grid resolves.
 */
export function privacyLossGuarantee(
  mechanism: SampledGaussian,
  delta: number,
  options: PrivacyLossOptions = {},
): EnclosedGuarantee {
  requireMechanism(mechanism);
  const pair = sampledPair(gaussianPair(mechanism.noiseMultiplier), mechanism.sampleRate);
  const { lower, upper } = privacyProfile([{ pair, times: mechanism.steps }], options).epsilon(delta);
  if (upper === Number.POSITIVE_INFINITY) {
    throw new ReconError(
      "epsilon-not-reachable",
      `Delta ${delta} is below what float64 arithmetic on this grid resolves. Ask for a larger delta, or use renyiGuarantee, which works in logarithms.`,
    );
  }
  const found = { epsilon: upper, kind: "upper", method: "privacy loss distribution" } as const;
  return { ...guarantee(mechanism, delta, found), lowerEpsilon: lower };
}
