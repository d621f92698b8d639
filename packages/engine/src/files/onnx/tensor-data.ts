import { EngineError } from "../../errors.ts";
import type { DType, NdArray } from "../../tensor.ts";
import type { StoredTensor } from "./model.ts";

/** An element type of the format: what it is to the engine, its width, and how one element is read. */
interface Element {
  readonly name: string;
  readonly dtype: DType;
  readonly bytes: number;
  read(view: DataView, at: number): number;
  /** How the number in a typed field stands for the element, where it is not the element itself. */
  readonly fromField?: (value: number) => number;
}

const saturated = (value: bigint): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a binary32. */
function brain(bits: number): number {
  word.setUint16(2, bits, true);
  word.setUint16(0, 0, true);
  return word.getFloat32(0, true);
}

const element = (
  name: string,
  dtype: DType,
  bytes: number,
  read: Element["read"],
  fromField?: (value: number) => number,
): Element => ({ name, dtype, bytes, read, ...(fromField === undefined ? {} : { fromField }) });

/** Element types by `TensorProto.DataType`; what is missing (text, complex numbers, 4- and 8-bit floats) is refused. */
export const elements: Readonly<Record<number, Element>> = {
  1: element("float32", "float", 4, (v, i) => v.getFloat32(i, true)),
  2: element("uint8", "int", 1, (v, i) => v.getUint8(i)),
  3: element("int8", "int", 1, (v, i) => v.getInt8(i)),
  4: element("uint16", "int", 2, (v, i) => v.getUint16(i, true)),
  5: element("int16", "int", 2, (v, i) => v.getInt16(i, true)),
  6: element("int32", "int", 4, (v, i) => v.getInt32(i, true)),
  7: element("int64", "int", 8, (v, i) => saturated(v.getBigInt64(i, true))),
  9: element(
    "bool",
    "bool",
    1,
    (v, i) => Number(v.getUint8(i) !== 0),
    (value) => Number(value !== 0),
  ),
  10: element("float16", "float", 2, (v, i) => half(v.getUint16(i, true)), half),
  11: element("float64", "float", 8, (v, i) => v.getFloat64(i, true)),
  12: element("uint32", "int", 4, (v, i) => v.getUint32(i, true)),
  13: element("uint64", "int", 8, (v, i) => saturated(v.getBigUint64(i, true))),
  16: element("bfloat16", "float", 2, (v, i) => brain(v.getUint16(i, true)), brain),
};

/** The engine's type for an element type of the format. @throws EngineError `onnx-dtype`. */
export function dtypeOf(type: number, what: string): DType {
  const found = elements[type];
  if (found === undefined) {
    throw new EngineError(
      "onnx-dtype",
      `${what} has element type ${type}, which is not supported. Export the model in float32 (or float16, float64, integers, bool).`,
    );
  }
  return found.dtype;
}

/** A decoded tensor; integers and truth values are kept in float64, exact up to 2⁵³. */
export interface DecodedTensor extends NdArray {
  readonly data: Float32Array | Float64Array;
  readonly dtype: DType;
}

/**
 * Decodes a stored tensor. What its shape claims is compared with the bytes that are there before anything is allocated.
 *
 * @param what names the tensor in errors.
 * @param raw the elements, where they come from another file.
 * @throws EngineError `onnx-dtype` or `onnx-data`.
 */
export function decodeTensor(tensor: StoredTensor, what: string, raw?: Uint8Array): DecodedTensor {
  const dtype = dtypeOf(tensor.type, what);
  const { bytes: width, read, fromField, name } = elements[tensor.type]!;
  const bytes = raw ?? tensor.raw;
  const listed = `[${tensor.dims.slice(0, 8).join(", ")}${tensor.dims.length > 8 ? ", ..." : ""}]`;
  let claimed = 1;
  for (const extent of tensor.dims) {
    if (extent < 0) throw new EngineError("onnx-data", `${what} has a negative extent: ${listed}.`);
    claimed *= extent;
  }
  const held = bytes === undefined ? tensor.numbers.length : bytes.byteLength / width;
  if (held !== claimed || tensor.dims.length > 32) {
    throw new EngineError(
      "onnx-data",
      `${what} claims shape ${listed} of ${name}, ${claimed} elements, but the file holds ${held}. The file is damaged; export it again.`,
    );
  }
  const shape = [...tensor.dims];
  const make = name === "float64" || dtype !== "float" ? Float64Array : Float32Array;
  if (bytes === undefined) {
    const numbers = fromField === undefined ? tensor.numbers : tensor.numbers.map(fromField);
    return { shape, dtype, data: make.from(numbers) };
  }
  if (name === "float32" || name === "float64") {
    // Copied, because a view of the file would keep it alive and need not be aligned; the `slice` of a Node buffer is such a view.
    const copy = new Uint8Array(bytes);
    return { shape, dtype, data: new make(copy.buffer, 0, claimed) };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new make(claimed);
  for (let i = 0; i < claimed; i++) data[i] = read(view, i * width);
  return { shape, dtype, data };
}
