import { ReconError } from "../../errors.ts";
import { logBinomial } from "../distributions/log-gamma.ts";
import { requireInsideUnit } from "../ranges.ts";

export interface BlindSuccessOptions<T> {
  /** Draws of the prior, independent of each other and of the guesses. */
  readonly sample: readonly T[];
  /** Guesses to choose from: other draws of the prior, its mean, its median, ... */
  readonly guesses: readonly T[];
  /** The attack's loss, ℓ(truth, guess). */
  readonly loss: (truth: T, guess: T) => number;
  /** η: a guess succeeds when the loss is at most this. */
  readonly threshold: number;
  /** Coverage of the interval, 0.95 unless given. */
  readonly level?: number;
}

/** κ as measured. */
export interface BlindSuccess {
  /** Share of the sample that the best guess comes within the threshold of. */
  readonly value: number;
  /** Interval that holds the best guess's success, whichever guess it is; use its upper end as κ in a bound. */
  readonly interval: readonly [number, number];
  /** Index of the best guess. */
  readonly guess: number;
  readonly samples: number;
  readonly assumptions: readonly string[];
}

/**
 * κ(η) = max_g P(ℓ(Z, g) ≤ η), Z of the prior: how often the best of the given guesses comes within a threshold of a record it knows nothing about.
 *
 * The interval is Clopper and Pearson's, at a level that is split among all guesses, so that choosing the best one does not spoil it.
 *
 * @throws ReconError `no-values` without a sample or guesses; `not-finite` when the loss is NaN; `bad-option`.
 * @see C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
 */
export function blindSuccess<T>(options: BlindSuccessOptions<T>): BlindSuccess {
  const { sample, guesses, loss, threshold, level = 0.95 } = options;
  requireInsideUnit("level of the interval", level);
  if (sample.length === 0 || guesses.length === 0) {
    throw new ReconError("no-values", "blindSuccess needs at least one draw of the prior and one guess.");
  }
  let best = { count: -1, guess: 0 };
  guesses.forEach((guess, index) => {
    let count = 0;
    for (const truth of sample) {
      const value = loss(truth, guess);
      if (Number.isNaN(value)) throw new ReconError("not-finite", `The loss of guess ${index} is not a number.`);
      if (value <= threshold) count++;
    }
    if (count > best.count) best = { count, guess: index };
  });
  const tail = (1 - level) / (2 * guesses.length);
  return {
    value: best.count / sample.length,
    interval: [
      lowerLimit(best.count, sample.length, tail),
      1 - lowerLimit(sample.length - best.count, sample.length, tail),
    ],
    guess: best.guess,
    samples: sample.length,
    assumptions: [
      "The sample was drawn from the prior, independently of the guesses.",
      "No guess outside of the given ones is better; where one is, the true value is larger.",
    ],
  };
}

/** The p at which `count` successes or more of n have probability `tail`; 0 for no success. */
function lowerLimit(count: number, n: number, tail: number): number {
  if (count === 0) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const p = 0.5 * (low + high);
    if (atLeast(count, n, p) > tail) high = p;
    else low = p;
  }
  return low;
}

/** P(Binomial(n, p) ≥ count), from its largest term outwards until terms no longer count. */
function atLeast(count: number, n: number, p: number): number {
  const mode = Math.max(count, Math.floor((n + 1) * p));
  const term = (k: number): number => Math.exp(logBinomial(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
  let total = 0;
  for (const direction of [1, -1]) {
    const first = direction === 1 ? mode : mode - 1;
    for (let k = first, value = first >= count && first <= n ? term(first) : 0; k >= count && k <= n && value > 0; ) {
      total += value;
      if (value < 1e-17 * total) break;
      value *= direction === 1 ? ((n - k) / (k + 1)) * (p / (1 - p)) : (k / (n - k + 1)) * ((1 - p) / p);
      k += direction;
    }
  }
  return Math.min(1, total);
}
