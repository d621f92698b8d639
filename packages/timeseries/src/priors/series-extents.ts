import { ReconError } from "@recon/core";
import { type NdArray, type Shape, sizeOf } from "@recon/engine";

/** Batch, steps and columns of curves [B, T, F]. @throws ReconError `shape` where the axes are others, or where there are too few steps for what the prior compares. */
export function seriesExtents(prior: string, shape: Shape, least = 1): readonly [number, number, number] {
  if (shape.length !== 3 || shape[1]! < least) {
    throw new ReconError(
      "shape",
      `The prior "${prior}" needs series [batch, steps, columns] of at least ${least} steps, not [${shape.join(", ")}].`,
    );
  }
  return shape as unknown as readonly [number, number, number];
}

/** The constant halfway up the range of the training part: what priors say that leave the level of a series open. */
export function middle(shape: Shape): NdArray {
  return { shape, data: new Float64Array(sizeOf(shape)).fill(0.5) };
}
