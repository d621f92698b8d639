import { type NdArray, type Shape, sizeOf } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** The numbers of `source` broadcast to `shape` as NumPy does, row-major. @throws ReconError `bad-box` when they do not fit. */
export function broadcastValues(source: NdArray | number, shape: Shape, what: string): Float64Array {
  const size = sizeOf(shape);
  if (typeof source === "number") return new Float64Array(size).fill(source);
  const lead = shape.length - source.shape.length;
  const fits = lead >= 0 && source.shape.every((extent, axis) => extent === 1 || extent === shape[axis + lead]);
  if (!fits) {
    const shapes = `[${source.shape.join(", ")}] and cannot be repeated to [${shape.join(", ")}]`;
    throw new ReconError("bad-box", `The ${what} has shape ${shapes}.`);
  }
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = source.shape.length - 1; axis >= 0; axis--) {
    const extent = source.shape[axis]!;
    strides[axis + lead] = extent === 1 ? 0 : stride;
    stride *= extent;
  }
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let rest = i;
    let index = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis]!;
      index += (rest % extent) * strides[axis]!;
      rest = Math.floor(rest / extent);
    }
    result[i] = source.data[index]!;
  }
  return result;
}
