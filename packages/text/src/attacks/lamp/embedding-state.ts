import type { Rng, TransformState } from "@recon/core";
import { type NdArray, sizeOf } from "@recon/engine";
import type { RelaxedProblem } from "./relaxed-problem.ts";
import type { Order } from "./reorder.ts";

/** Rows of the embeddings whose ids are not known, by text. */
export function freeRows({ places, problem }: RelaxedProblem): readonly (readonly number[])[] {
  const [longest] = problem.model.input.shape as [number];
  return places.map((text, b) => text.flatMap((place, t) => (place.length > 1 ? [b * longest + t] : [])));
}

/** A random start: N(0, 1), each row scaled to the mean size of the table's. */
export function randomEmbeddings({ places, problem, table }: RelaxedProblem, rng: Rng): Float64Array {
  const [longest, width] = problem.model.input.shape as [number, number];
  const x = Float64Array.from({ length: places.length * longest * width }, () => rng.normal());
  for (let at = 0; at < x.length; at += width) {
    const row = x.subarray(at, at + width);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0));
    row.forEach((value, j) => {
      row[j] = (value * table.meanNorm) / norm;
    });
  }
  return x;
}

/** Puts x into its box, in place. */
export function clampEmbeddings(x: Float64Array, { domain: { lower, upper } }: RelaxedProblem["problem"]): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(Math.max(x[i]!, lower.data[i]!), upper.data[i]!);
}

/** Rows of a vector [B, T, H] in another order: the row rows[i] becomes what rows[order[i]] was; the others stay. */
export function reordered(vector: Float64Array, width: number, rows: readonly number[], order: Order): Float64Array {
  const result = vector.slice();
  rows.forEach((row, i) => {
    const from = rows[order[i]!]! * width;
    result.set(vector.subarray(from, from + width), row * width);
  });
  return result;
}

/** The memory of an optimiser follows the rows that it belongs to. */
export function reorderMemory(state: TransformState, width: number, rows: readonly number[], order: Order): void {
  for (const vector of Object.values(state.vectors)) vector.set(reordered(vector, width, rows, order));
  for (const part of state.parts) reorderMemory(part, width, rows, order);
}

/** A vector as the array that programs take. */
export function arrayOf(x: Float64Array, { problem, places }: RelaxedProblem): NdArray {
  const shape = [places.length, ...problem.model.input.shape];
  if (sizeOf(shape) !== x.length) throw new Error(`${x.length} numbers are no embeddings [${shape.join(", ")}].`);
  return { shape, data: x };
}
