import type { Schedule } from "@recon/engine";
import { constantRate } from "@recon/engine";
import { stateless, type Transform } from "./transform.ts";

/** u ← rate · u, with a fixed learning rate or a schedule. @throws ReconError `bad-option` when a fixed rate is not positive. */
export function scale(rate: number | Schedule): Transform {
  const schedule = typeof rate === "number" ? constantRate(rate) : rate;
  if (typeof rate === "number") schedule(0, 1);
  return {
    name: "scale",
    options: typeof rate === "number" ? { rate } : { rate: "schedule" },
    init: () => stateless,
    update: (u, _state, { step, steps }) => {
      const factor = schedule(step, steps);
      for (let i = 0; i < u.length; i++) u[i]! *= factor;
    },
  };
}
