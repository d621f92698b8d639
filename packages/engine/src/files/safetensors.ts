import type { Arrays, NdArray } from "../tensor.ts";
import { arrayOf, bytesOf, claimedBytes, fileError } from "./array-file.ts";
import { quote } from "./onnx/quote.ts";

/** Element types of the format: number in the ONNX table and width in bytes. */
const types: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["F32", [1, 4]],
  ["F64", [11, 8]],
  ["F16", [10, 2]],
  ["BF16", [16, 2]],
  ["I8", [3, 1]],
  ["U8", [2, 1]],
  ["I16", [5, 2]],
  ["U16", [4, 2]],
  ["I32", [6, 4]],
  ["U32", [12, 4]],
  ["I64", [7, 8]],
  ["U64", [13, 8]],
  ["BOOL", [9, 1]],
]);

/** Longest header that is read: room for a hundred thousand names. */
const longestHeader = 16 * 2 ** 20;

const what = "The safetensors file";

/** An array as the header describes it, checked. */
interface Described {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readHeader(bytes: Uint8Array): { header: Readonly<Record<string, unknown>>; start: number } {
  if (bytes.byteLength < 8)
    throw fileError("file-malformed", what, `has ${bytes.byteLength} bytes, which is no header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.byteLength - 8) {
    throw fileError(
      "file-malformed",
      what,
      `claims a header of ${length} bytes and has ${bytes.byteLength - 8}; it is truncated or another format.`,
    );
  }
  if (length > longestHeader)
    throw fileError("file-too-large", what, `has a header of ${length} bytes; ${longestHeader} are the limit.`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw fileError("file-malformed", what, "has a header that is no JSON.");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw fileError("file-malformed", what, "has a header that is no table of arrays.");
  }
  return { header: header as Readonly<Record<string, unknown>>, start: 8 + length };
}

function described(name: string, entry: unknown, held: number): Described {
  const array = `${what}: array ${quote(name)}`;
  if (typeof entry !== "object" || entry === null) throw fileError("file-malformed", array, "is not described.");
  const { dtype, shape, data_offsets: offsets, ...rest } = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw fileError("file-malformed", array, `has the unknown key ${quote(unknown)}.`);
  const type = typeof dtype === "string" ? types.get(dtype) : undefined;
  if (type === undefined) {
    throw fileError(
      "file-dtype",
      array,
      `has element type ${quote(String(dtype))}; supported are ${[...types.keys()].join(", ")}.`,
    );
  }
  const size = claimedBytes(shape, type[1]);
  const [from, to] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  const inside =
    Number.isSafeInteger(from) && Number.isSafeInteger(to) && (from as number) >= 0 && (to as number) <= held;
  if (size === undefined || !inside || (to as number) - (from as number) !== size) {
    throw fileError(
      "file-malformed",
      array,
      `claims shape and place that do not fit the ${held} bytes of data that are there.`,
    );
  }
  return { name, type: type[0], shape: shape as readonly number[], from: from as number, to: to as number };
}

/**
 * Reads the arrays of a safetensors file by name.
 *
 * The bytes are not trusted: every claim is compared with what is there before anything is allocated, and arrays must fill the data without
 * gaps or overlaps, as the format demands.
 *
 * @returns float16 and bfloat16 as Float32Array, integers and truth values as Int32Array where they fit, else Float64Array.
 * @throws EngineError `file-malformed`, `file-too-large` or `file-dtype`.
 * @see https://github.com/huggingface/safetensors (format)
 */
export function readSafetensors(bytes: Uint8Array): Arrays {
  const { header, start } = readHeader(bytes);
  const data = bytes.subarray(start);
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const arrays = entries.map(([name, entry]) => described(name, entry, data.byteLength));
  let filled = 0;
  for (const { name, from, to } of [...arrays].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== filled)
      throw fileError("file-malformed", what, `has a gap or an overlap before array ${quote(name)}.`);
    filled = to;
  }
  if (filled !== data.byteLength)
    throw fileError("file-malformed", what, `has ${data.byteLength - filled} bytes behind its arrays.`);
  return Object.fromEntries(
    arrays.map(({ name, type, shape, from, to }) => [
      name,
      arrayOf(type, shape, data.subarray(from, to), `${what}: array ${quote(name)}`),
    ]),
  );
}

const typeName = ({ data }: NdArray): string =>
  data instanceof Float32Array ? "F32" : data instanceof Float64Array ? "F64" : "I32";

/**
 * Writes arrays as a safetensors file: F32, F64 or I32 as their memory is.
 *
 * @throws EngineError `file-malformed` for the reserved name `__metadata__`.
 */
export function writeSafetensors(arrays: Arrays): Uint8Array {
  if (Object.hasOwn(arrays, "__metadata__")) {
    throw fileError("file-malformed", what, 'cannot hold an array named "__metadata__", which the format reserves.');
  }
  let size = 0;
  // Widest elements first, so that every array begins at a multiple of its element's width.
  const ordered = Object.entries(arrays).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header = Object.fromEntries(
    ordered.map(([name, array]) => {
      const from = size;
      size += array.data.byteLength;
      return [name, { dtype: typeName(array), shape: array.shape, data_offsets: [from, size] }];
    }),
  );
  const text = JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const length = Math.ceil(encoded.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + length + size).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(encoded, 8);
  let at = 8 + length;
  for (const [, array] of ordered) {
    bytes.set(bytesOf(array), at);
    at += array.data.byteLength;
  }
  return bytes;
}
