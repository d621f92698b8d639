import {
  type Matrix,
  type MatrixProduct,
  matrix,
  type Problem,
  type RowSpace,
  rowSpace,
  transposed,
} from "@recon/core";
import type { Stage } from "./stages.ts";

/** The row space of the gradients of all layers that read a stage, stacked, or why there is none. */
export async function stageSpace(
  { observation, observationPrecision: precision, model }: Problem,
  { layers }: Stage,
  noiseStd: number,
  product: MatrixProduct,
): Promise<RowSpace | { readonly reason: string }> {
  const parts: Matrix[] = [];
  for (const { weight, layout } of layers) {
    const seen = observation[weight];
    const expected = model.parameters[weight]!.shape;
    if (seen === undefined) return { reason: `The observation holds no gradient of ${weight}.` };
    if (seen.shape.join() !== expected.join()) {
      return {
        reason: `The gradient of ${weight} has the shape [${seen.shape.join(", ")}], and the model's is [${expected.join(", ")}].`,
      };
    }
    const stored = matrix(expected[0]!, expected[1]!, seen.data);
    parts.push(layout === "transposed" ? transposed(stored) : stored);
  }
  const all = matrix(
    parts.reduce((sum, { rows }) => sum + rows, 0),
    parts[0]!.cols,
  );
  let at = 0;
  for (const { data } of parts) {
    all.data.set(data, at);
    at += data.length;
  }
  const { value, reason } = await rowSpace(all, { precision, noiseStd, product });
  return value ?? { reason: `${layers.map(({ weight }) => weight).join(", ")}: ${reason}` };
}
