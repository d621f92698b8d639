import type { Flag } from "../problem.ts";

/** What an exact routine hands back: never a thrown error for an observation that does not determine the unknown. */
export interface ExactResult<T> {
  /** What was found; absent when the observation does not determine it. */
  readonly value?: T;
  /** Relative misfit of the equations that were solved, ‖A x − b‖ / ‖b‖; NaN where nothing was solved. */
  readonly residual: number;
  /** Knowledge the result rests on. */
  readonly assumptions: readonly Flag[];
  /** One sentence: how it was found, or why not. */
  readonly reason: string;
}

/** The relative rounding of one observed number. */
export const unitRoundoff: Readonly<Record<"float32" | "float64", number>> = {
  float32: 2 ** -23,
  float64: Number.EPSILON,
};
