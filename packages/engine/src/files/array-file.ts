import { EngineError } from "../errors.ts";
import type { NdArray, Shape } from "../tensor.ts";
import { decodeTensor } from "./onnx/tensor-data.ts";

/** An error about a file of arrays. */
export function fileError(code: string, what: string, reason: string): EngineError {
  return new EngineError(code, `${what}: ${reason}`);
}

/** The array that so many little-endian bytes hold; integers that fit become Int32Array, others Float64Array, exact up to 2⁵³. */
export function arrayOf(type: number, shape: Shape, bytes: Uint8Array, what: string): NdArray {
  const { data, dtype } = decodeTensor({ name: "", dims: shape, type, numbers: [], raw: bytes }, what);
  const whole = dtype !== "float" && data.every((value) => value === (value | 0));
  return { shape: [...shape], data: whole ? Int32Array.from(data) : data };
}

/** The little-endian bytes of an array, a view of its memory. */
export function bytesOf({ data }: NdArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Bytes that a shape takes, or undefined where it is no shape. */
export function claimedBytes(shape: unknown, width: number): number | undefined {
  if (!Array.isArray(shape) || shape.length > 32) return undefined;
  let total = width;
  for (const extent of shape as readonly unknown[]) {
    if (typeof extent !== "number" || !Number.isSafeInteger(extent) || extent < 0) return undefined;
    total *= extent;
  }
  return Number.isSafeInteger(total) ? total : undefined;
}
