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

/** What rows of a stage must be like. */
export interface StageTest {
  /** Row space of the gradients that read it; absent where it is not asked. */
  readonly space?: RowSpace;
  /** Columns in which no node has anything but 0. */
  readonly zeros: readonly number[];
}

/**
 * What the gradients of all layers that read a stage say of its rows, or why nothing.
 *
 * dW = Δᵀ H spans all rows of H where Δ has full rank. Where it has not, as when rounds of message passing lose a dimension, a column of zeros still says that no node has
 * anything in it, unless signed numbers cancel.
 */
export async function stageTest(
  { observation, observationPrecision: precision, model }: Problem,
  { layers }: Stage,
  noiseStd: number,
  product: MatrixProduct,
): Promise<Required<StageTest> | { readonly reason: string }> {
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
  if (value === undefined) return { reason: `${layers.map(({ weight }) => weight).join(", ")}: ${reason}` };
  return { space: value, zeros: noiseStd > 0 ? [] : zeroColumns(all) };
}

function zeroColumns({ rows, cols, data }: Matrix): number[] {
  const used = new Array<boolean>(cols).fill(false);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) if (data[at] !== 0) used[j] = true;
  return used.flatMap((any, j) => (any ? [] : [j]));
}
