import type { NdArray, Shape } from "@recon/engine";

/** A start at zero: the mean colour of normalised images. */
export function zeros(shape: Shape): NdArray {
  return { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) };
}
