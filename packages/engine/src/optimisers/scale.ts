import { mul } from "../ops/arithmetic.ts";
import type { Optimiser } from "./optimiser.ts";
import { rateAt, type Schedule } from "./schedule.ts";

/** u ← rate · u, with a fixed learning rate or a schedule. @throws EngineError `bad-option` when a fixed rate is not positive. */
export function scale(rate: number | Schedule): Optimiser {
  const at = rateAt(rate);
  return {
    name: "scale",
    options: { rate: typeof rate === "number" ? rate : "schedule" },
    slots: [],
    numbers: (position) => ({ rate: at(position) }),
    update: ({ direction, numbers }) => ({ direction: mul(direction, numbers.rate!), state: {} }),
  };
}
