/** A number that limits what any attack of a stated kind can do, with everything it rests on. */
export interface Bound {
  readonly value: number;
  /** `approximation` limits nothing: it is near the truth under its assumptions and may lie on either side of it. */
  readonly kind: "lower" | "upper" | "approximation";
  /** Sentences; where one of them fails, the number says nothing. */
  readonly assumptions: readonly string[];
}

/** A bound from a sample: `value` is `estimate` moved two standard errors to the safe side. */
export interface EstimatedBound extends Bound {
  readonly estimate: number;
  readonly standardError: number;
}
