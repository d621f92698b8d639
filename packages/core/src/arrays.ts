import type { Arrays, NdArray, Shape } from "@recon/engine";
import { ReconError } from "./errors.ts";

/** Σ over all entries of all arrays of f. */
function total(arrays: Arrays, f: (value: number) => number): number {
  let result = 0;
  for (const { data } of Object.values(arrays)) for (let i = 0; i < data.length; i++) result += f(data[i]!);
  return result;
}

/** ‖a‖₂ over all entries of all arrays together. */
export function norm(arrays: Arrays): number {
  return Math.sqrt(total(arrays, (value) => value * value));
}

/** Number of entries of all arrays. */
export function count(arrays: Arrays): number {
  return Object.values(arrays).reduce((n, { data }) => n + data.length, 0);
}

/** ‖a − b‖₂ over all entries of the arrays of b. @throws ReconError `missing-array` when a lacks one. */
export function distance(a: Arrays, b: Arrays): number {
  let result = 0;
  for (const [name, { data }] of Object.entries(b)) {
    const other = a[name]?.data;
    if (other === undefined || other.length !== data.length) {
      throw new ReconError("missing-array", `"${name}" is missing or of another size on one side of a comparison.`);
    }
    for (let i = 0; i < data.length; i++) result += (other[i]! - data[i]!) ** 2;
  }
  return Math.sqrt(result);
}

/** The name of the first array that holds NaN or an infinity, or undefined. */
export function firstNonFinite(arrays: Arrays): string | undefined {
  return Object.entries(arrays).find(([, { data }]) => !allFinite(data))?.[0];
}

/** A plain loop: observations hold millions of entries. */
function allFinite(data: NdArray["data"]): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return false;
  return true;
}

/** Item `index` of a batch, without the batch axis; a copy. */
export function itemOf(batch: NdArray, index: number): NdArray {
  const shape = batch.shape.slice(1);
  const size = batch.data.length / batch.shape[0]!;
  return { shape, data: batch.data.slice(index * size, (index + 1) * size) };
}

/**
 * Items as one float64 batch. With `padding`, items of different extents are filled up with it to the largest extent along every axis.
 *
 * @throws ReconError `shape` when they differ and there is no padding, or when they differ in their number of axes.
 */
export function stack(items: readonly NdArray[], padding?: number): NdArray & { readonly data: Float64Array } {
  if (padding !== undefined) return stack(padded(items, padding));
  const shape: Shape = items[0]?.shape ?? [];
  const size = items[0]?.data.length ?? 0;
  const data = new Float64Array(items.length * size);
  items.forEach((item, i) => {
    if (item.shape.join() !== shape.join()) {
      throw new ReconError(
        "shape",
        `Items of a batch must have one shape: item 0 has [${shape.join(", ")}], item ${i} has [${item.shape.join(", ")}].`,
      );
    }
    data.set(item.data, i * size);
  });
  return { shape: [items.length, ...shape], data };
}

/** Items filled up at the end of every axis to the largest extent among them. */
function padded(items: readonly NdArray[], padding: number): readonly NdArray[] {
  const axes = items[0]?.shape.length ?? 0;
  if (items.some((item) => item.shape.length !== axes)) return items;
  const shape = Array.from({ length: axes }, (_, axis) => Math.max(...items.map((item) => item.shape[axis]!)));
  const size = shape.reduce((n, extent) => n * extent, 1);
  return items.map((item) => {
    if (item.shape.join() === shape.join()) return item;
    const data = new Float64Array(size).fill(padding);
    item.data.forEach((value, from) => {
      let [rest, at, stride] = [from, 0, 1];
      for (let axis = axes - 1; axis >= 0; axis--) {
        at += (rest % item.shape[axis]!) * stride;
        rest = Math.floor(rest / item.shape[axis]!);
        stride *= shape[axis]!;
      }
      data[at] = value;
    });
    return { shape, data };
  });
}
