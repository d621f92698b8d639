import { ReconError } from "../errors.ts";
import type { Transform } from "./transform.ts";

export interface ReduceOnPlateauOptions {
  /** The rate at the start. */
  readonly rate: number;
  /** What the rate is multiplied by on a plateau, in (0, 1); 0.1 unless said. */
  readonly factor?: number;
  /** Steps without a new least objective that make a plateau. */
  readonly patience: number;
  /** Share of the least objective by which a new one must be lower; 1e-4 unless said. */
  readonly threshold?: number;
}

/**
 * u ← rate · u, with a rate that falls by a factor whenever the objective has not reached a new least value for more than `patience` steps.
 *
 * @throws ReconError `bad-option`.
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): Transform {
  const { rate, factor = 0.1, patience, threshold = 1e-4 } = options;
  if (!(rate > 0 && factor > 0 && factor < 1 && patience >= 0 && threshold >= 0)) {
    throw new ReconError(
      "bad-option",
      `reduceOnPlateau: rate must be above 0, factor between 0 and 1, patience and threshold at least 0, not ${JSON.stringify({ rate, factor, patience, threshold })}.`,
    );
  }
  return {
    name: "reduce-on-plateau",
    options: { rate, factor, patience, threshold },
    init: () => ({ vectors: { memory: Float64Array.of(rate, Number.POSITIVE_INFINITY, 0) }, parts: [] }),
    update: (u, { vectors }, { value = Number.NaN }) => {
      const memory = vectors.memory!;
      const [, least, waited] = memory as unknown as [number, number, number];
      if (value < least * (1 - Math.sign(least) * threshold) || least === Number.POSITIVE_INFINITY) {
        memory[1] = value;
        memory[2] = 0;
      } else if (waited + 1 > patience) {
        memory[0]! *= factor;
        memory[2] = 0;
      } else memory[2] = waited + 1;
      for (let i = 0; i < u.length; i++) u[i]! *= memory[0]!;
    },
  };
}
