/**
 * Pairs of distributions (P, Q) that are as easy to tell apart as the outputs on any two neighbouring data sets, described by the privacy loss
 * L = log dP/dQ alone.
 */
import { normalMass, normalQuantile } from "../distributions/normal.ts";
import { requireNoise, requireRate } from "../ranges.ts";

/** Probabilities of an event under P and under Q. */
export interface Masses {
  readonly p: number;
  readonly q: number;
}

/** A pair of distributions by its privacy loss. */
export interface DominatingPair {
  readonly name: string;
  /** Masses of `from` < L ≤ `to`, either end possibly infinite, to small relative error. */
  cell(from: number, to: number): Masses;
  /** An interval of losses that all but `tail` of P and of Q lie in. */
  range(tail: number): readonly [number, number];
  /** Whether (Q, P) has the same distribution of losses as (P, Q). */
  readonly symmetric: boolean;
}

/**
 * A query of sensitivity 1 in the Euclidean norm with Gaussian noise: P = N(1, s²), Q = N(0, s²), L(w) = (2w − 1) / 2s².
 *
 * @param noiseMultiplier s > 0.
 * @throws ReconError `no-noise`.
 */
export function gaussianPair(noiseMultiplier: number): DominatingPair {
  requireNoise("noise multiplier", noiseMultiplier);
  const s = noiseMultiplier;
  const position = (loss: number): number => s * loss + 0.5 / s;
  return {
    name: `Gaussian noise of ${s} times the sensitivity`,
    symmetric: true,
    cell(from, to) {
      const [a, b] = [position(from), position(to)];
      return { p: normalMass(a - 1 / s, b - 1 / s), q: normalMass(a, b) };
    },
    range(tail) {
      const edge = (0.5 / s - normalQuantile(tail)) / s;
      return [-edge, edge];
    },
  };
}

/**
 * A query of sensitivity 1 in the sum of absolute values with Laplace noise: P = Lap(1, b), Q = Lap(0, b), L(w) = (|w| − |w − 1|) / b.
 *
 * The loss has atoms at ±1/b.
 *
 * @param noiseMultiplier b > 0: scale of the noise over the sensitivity.
 * @throws ReconError `no-noise`.
 */
export function laplacePair(noiseMultiplier: number): DominatingPair {
  requireNoise("noise multiplier", noiseMultiplier);
  const b = noiseMultiplier;
  const position = (loss: number): number => {
    if (loss >= 1 / b) return Number.POSITIVE_INFINITY;
    return loss < -1 / b ? Number.NEGATIVE_INFINITY : 0.5 * (b * loss + 1);
  };
  return {
    name: `Laplace noise of ${b} times the sensitivity`,
    symmetric: true,
    cell(from, to) {
      const [low, high] = [position(from), position(to)];
      return { p: laplaceMass((low - 1) / b, (high - 1) / b), q: laplaceMass(low / b, high / b) };
    },
    range: () => [-1 / b, 1 / b],
  };
}

/** P(a < X ≤ b) for X ~ Lap(0, 1). */
function laplaceMass(a: number, b: number): number {
  if (!(b > a)) return 0;
  if (a >= 0) return 0.5 * Math.exp(-a) * -Math.expm1(a - b);
  return b <= 0 ? 0.5 * Math.exp(b) * -Math.expm1(a - b) : 1 - 0.5 * Math.exp(a) - 0.5 * Math.exp(-b);
}

/**
 * The pair of a mechanism that a record takes part in with probability q: (1−q) Q + q P against Q, for a record that is removed;
 * its reverse is for one that is added.
 *
 * @param sampleRate q in (0, 1].
 * @throws ReconError `bad-option`.
 * @see Zhu, Dong & Wang, Optimal Accounting of Differential Privacy via Characteristic Function, AISTATS 2022, proposition 30.
 */
export function sampledPair(pair: DominatingPair, sampleRate: number): DominatingPair {
  requireRate("sample rate", sampleRate);
  if (sampleRate === 1) return pair;
  const rate = sampleRate;
  // L' = log(1 − q + q e^L) rises with L.
  const inner = (loss: number): number => {
    const change = Math.expm1(loss) / rate;
    return change <= -1 ? Number.NEGATIVE_INFINITY : Math.log1p(change);
  };
  const outer = (loss: number): number => Math.log1p(rate * Math.expm1(loss));
  return {
    name: `${pair.name}, sampled with rate ${rate}`,
    symmetric: false,
    cell(from, to) {
      const { p, q } = pair.cell(inner(from), inner(to));
      return { p: (1 - rate) * q + rate * p, q };
    },
    range(tail) {
      const [low, high] = pair.range(tail);
      return [outer(low), outer(high)];
    },
  };
}

/** (Q, P): the loss changes its sign. */
export function reversedPair(pair: DominatingPair): DominatingPair {
  return {
    name: `${pair.name}, reversed`,
    symmetric: pair.symmetric,
    cell(from, to) {
      const { p, q } = pair.cell(-to, -from);
      return { p: q, q: p };
    },
    range(tail) {
      const [low, high] = pair.range(tail);
      return [-high, -low];
    },
  };
}
