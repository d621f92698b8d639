import type { Nuisance } from "@recon/core";
import { type Shape, sizeOf } from "@recon/engine";

/** Masks by which activations of the given shape are left out with probability p, one a named layer: 0, or 1 / (1 − p) for those that stay. Their mean is 1. */
export function dropoutMasks(layers: readonly string[], shape: Shape, p: number): Record<string, Nuisance> {
  const mask: Nuisance = {
    shape,
    expected: 1,
    draw: (rng, batch) => ({
      shape: [batch, ...shape],
      data: Float32Array.from({ length: batch * sizeOf(shape) }, () => (rng.uniform() < p ? 0 : 1 / (1 - p))),
    }),
  };
  return Object.fromEntries(layers.map((layer) => [`dropout of ${layer}`, mask]));
}
