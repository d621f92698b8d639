import type { Schedule } from "@recon/engine";
import type { Rng } from "../random.ts";
import { stateless, type Transform } from "./transform.ts";

export interface LangevinOptions {
  /** Strength a of the noise, .01 to .2 in the literature. */
  readonly amount: number;
  /** The learning rate, which the noise follows. */
  readonly rate: number | Schedule;
  readonly rng: Rng;
}

/**
 * u ← u + rate · a · N(0, I). Each step draws from its own stream, so that a resumed run sees the same noise.
 *
 * @see Yin et al., See through Gradients, CVPR 2021.
 */
export function langevin({ amount, rate, rng }: LangevinOptions): Transform {
  return {
    name: "langevin",
    options: { amount, rate: typeof rate === "number" ? rate : "schedule" },
    init: () => stateless,
    update: (u, _state, { step, steps }) => {
      const std = amount * (typeof rate === "number" ? rate : rate(step, steps));
      const noise = rng.split(`langevin ${step}`);
      for (let i = 0; i < u.length; i++) u[i]! += std * noise.normal();
    },
  };
}
