/**
 * Which items of `digits()` are whose, by place, so that nobody's test is anybody's training data: `digits({ count: 4000 })` holds none that the priors have seen.
 */
export const split: Readonly<
  Record<"audit" | "tuning" | "victimTraining" | "priorTraining", readonly [number, number]>
> = {
  /** Items 0 … 1999, to be attacked. */
  audit: [0, 2000],
  /** Items 2000 … 2999, on which attacks are tuned. */
  tuning: [2000, 3000],
  /** Items 3000 … 3999, to train victims on. */
  victimTraining: [3000, 4000],
  /** Items 4000 … 9999, which the priors were trained on. */
  priorTraining: [4000, 10_000],
};
