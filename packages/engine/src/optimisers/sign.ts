import { div, mul } from "../ops/arithmetic.ts";
import { sign } from "../ops/compare.ts";
import { tanh } from "../ops/unary.ts";
import type { Optimiser } from "./optimiser.ts";

/** u ← sign u: every unknown moves alike. Goes before Adam, on the raw gradient. @see Geiping et al., NeurIPS 2020. */
export function hardSign(): Optimiser {
  return {
    name: "hard-sign",
    options: {},
    slots: [],
    numbers: () => ({}),
    update: ({ direction }) => ({ direction: sign(direction), state: {} }),
  };
}

/** u ← tanh(s u) / s with s = 1 − step / N: a bounded direction at first, the gradient itself at the end. */
export function softSign(): Optimiser {
  return {
    name: "soft-sign",
    options: {},
    slots: [],
    numbers: ({ step, steps }) => ({ softness: 1 - step / steps }),
    update: ({ direction, numbers }) => ({
      direction: div(tanh(mul(direction, numbers.softness!)), numbers.softness!),
      state: {},
    }),
  };
}
