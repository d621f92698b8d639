import { stateless, type Transform } from "./transform.ts";

/** u ← sign u: every unknown moves alike. Goes before Adam, on the raw gradient. @see Geiping et al., NeurIPS 2020. */
export function hardSign(): Transform {
  return {
    name: "hard-sign",
    options: {},
    init: () => stateless,
    update: (u) => {
      for (let i = 0; i < u.length; i++) u[i] = Math.sign(u[i]!);
    },
  };
}

/** u ← tanh(s u) / s with s = 1 − step / N: a bounded direction at first, the gradient itself at the end. */
export function softSign(): Transform {
  return {
    name: "soft-sign",
    options: {},
    init: () => stateless,
    update: (u, _state, { step, steps }) => {
      const s = 1 - step / steps;
      for (let i = 0; i < u.length; i++) u[i] = Math.tanh(s * u[i]!) / s;
    },
  };
}
