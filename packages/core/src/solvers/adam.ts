import type { Transform } from "./transform.ts";

export interface AdamOptions {
  /** Decay of the first moment. */
  readonly beta1?: number;
  /** Decay of the second moment. */
  readonly beta2?: number;
  /** Added to √v̂. */
  readonly epsilon?: number;
}

/**
 * Adam's direction: u ← m̂ / (√v̂ + ε), m ← β₁m + (1 − β₁)u, v ← β₂v + (1 − β₂)u², bias-corrected; no learning rate.
 *
 * @see Kingma and Ba, ICLR 2015, algorithm 1.
 */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Transform {
  return {
    name: "adam",
    options: { beta1, beta2, epsilon },
    init: (size) => ({ vectors: { first: new Float64Array(size), second: new Float64Array(size) }, parts: [] }),
    update: (u, { vectors }, { step }) => {
      const first = vectors.first!;
      const second = vectors.second!;
      const correction1 = 1 / (1 - beta1 ** (step + 1));
      const correction2 = 1 / (1 - beta2 ** (step + 1));
      for (let i = 0; i < u.length; i++) {
        const g = u[i]!;
        const m = beta1 * first[i]! + (1 - beta1) * g;
        const v = beta2 * second[i]! + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        u[i] = (m * correction1) / (Math.sqrt(v * correction2) + epsilon);
      }
    },
  };
}
