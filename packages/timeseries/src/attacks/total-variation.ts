import type { Penalty } from "@recon/core";
import { abs, mean, mul, slice, sub } from "@recon/engine";

/** weight · mean |x_{t+1} − x_t| of inputs [B, T, F]: for series that are constant in pieces; it misleads on spiky ones. */
export function totalVariation(weight: number): Penalty {
  return ({ input }) => {
    const [batch, steps, columns] = input.shape as [number, number, number];
    if (steps < 2) return mul(mean(input), 0);
    const pairs = [batch, steps - 1, columns];
    return mul(mean(abs(sub(slice(input, [0, 1, 0], pairs), slice(input, [0, 0, 0], pairs)))), weight);
  };
}
