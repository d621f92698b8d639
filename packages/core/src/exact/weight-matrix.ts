import type { Layer, NdArray } from "@recon/engine";
import { type Matrix, matrixOf, transposed } from "../linear-algebra/matrix.ts";

/** An array of a layer's weight, or of its gradient, as rows of outputs: [out, in] or [out, in · window], whichever way the layer stores it. */
export function weightMatrix(layer: Layer, array: NdArray): Matrix {
  const stored = matrixOf(array);
  return layer.kind === "linear" && layer.layout === "transposed" ? transposed(stored) : stored;
}
