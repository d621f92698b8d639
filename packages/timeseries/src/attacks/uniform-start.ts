import type { Start } from "@recon/core";
import { sizeOf } from "@recon/engine";

/** A start that is uniform on [0, 1], the range of the training part of a series. */
export const uniformStart: Start = (shape, rng) => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, () => rng.uniform()),
});
