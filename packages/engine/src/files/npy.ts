import { stridedIndex } from "../ops/indexing.ts";
import type { NdArray } from "../tensor.ts";
import { arrayOf, bytesOf, claimedBytes, fileError } from "./array-file.ts";
import { quote } from "./onnx/quote.ts";

/** Element types of NumPy without their byte order: number in the ONNX table and width in bytes. */
const types: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["f2", [10, 2]],
  ["f4", [1, 4]],
  ["f8", [11, 8]],
  ["i1", [3, 1]],
  ["i2", [5, 2]],
  ["i4", [6, 4]],
  ["i8", [7, 8]],
  ["u1", [2, 1]],
  ["u2", [4, 2]],
  ["u4", [12, 4]],
  ["u8", [13, 8]],
  ["b1", [9, 1]],
]);

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The header is a Python literal; only the one form that NumPy writes is read, and nothing is evaluated. */
const literal =
  /^\s*\{\s*'descr'\s*:\s*'([<>|=])([a-z]\d{1,2})'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,\s*'shape'\s*:\s*\(([\d,\s]*)\)\s*,?\s*\}\s*$/;

/** Exchanges the bytes of every element. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  // Not `slice`, which gives a view where the bytes are a Node buffer.
  const result = new Uint8Array(bytes);
  for (let start = 0; start < result.length; start += width) result.subarray(start, start + width).reverse();
  return result;
}

/** Column-major data as row-major. */
function rowMajor({ shape, data }: NdArray): NdArray {
  let step = 1;
  const steps = shape.map((extent) => {
    const own = step;
    step *= extent;
    return own;
  });
  const order = stridedIndex(shape, steps);
  return { shape, data: data.map((_, i) => data[order[i]!]!) };
}

/**
 * Reads an array in NumPy's npy format (versions 1 to 3), numbers of either byte order, row- or column-major.
 *
 * @param what names the array in errors.
 * @throws EngineError `file-malformed` or `file-dtype`; Python objects and records are refused, nothing is unpickled.
 */
export function readNpy(bytes: Uint8Array, what = "The npy file"): NdArray {
  if (bytes.byteLength < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw fileError("file-malformed", what, "is no npy file: it does not begin as one.");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw fileError("file-malformed", what, `has version ${version}; 1 to 3 are known.`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > 65_536 || start + length > bytes.byteLength) {
    throw fileError("file-malformed", what, `claims a header of ${length} bytes; it is truncated or damaged.`);
  }
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const found = literal.exec(header);
  if (found === null) {
    throw fileError("file-dtype", what, `has a header that is not an array of numbers: ${quote(header)}.`);
  }
  const [, order, kind, columns, extents] = found as unknown as [string, string, string, string, string];
  const type = types.get(kind);
  if (type === undefined) {
    throw fileError(
      "file-dtype",
      what,
      `has element type ${quote(kind)}; supported are ${[...types.keys()].join(", ")}.`,
    );
  }
  const shape = extents
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const held = bytes.byteLength - start - length;
  if (claimedBytes(shape, type[1]) !== held) {
    throw fileError(
      "file-malformed",
      what,
      `claims shape (${quote(extents.trim())}) of ${kind}, but holds ${held} bytes.`,
    );
  }
  const raw = bytes.subarray(start + length);
  const array = arrayOf(type[0], shape, order === ">" ? swapped(raw, type[1]) : raw, what);
  return columns === "True" ? rowMajor(array) : array;
}

/** Writes an array in NumPy's npy format, version 1, row-major: float32, float64 or int32 as its memory is. */
export function writeNpy(array: NdArray): Uint8Array {
  const { data, shape } = array;
  const kind = data instanceof Float32Array ? "f4" : data instanceof Float64Array ? "f8" : "i4";
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<${kind}', 'fortran_order': False, 'shape': (${extents}), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + padded.length + data.byteLength);
  bytes.set([...magic, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 10);
  bytes.set(bytesOf(array), 10 + padded.length);
  return bytes;
}
