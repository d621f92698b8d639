import { unzipSync, zipSync } from "fflate";
import { EngineError } from "../errors.ts";
import type { Arrays, NdArray } from "../tensor.ts";
import { fileError } from "./array-file.ts";
import { readNpy, writeNpy } from "./npy.ts";
import { quote } from "./onnx/quote.ts";

/** How an npz file is read. */
export interface ReadNpzOptions {
  /** Most bytes that the arrays may take together once unpacked; 2 GiB unless said. */
  readonly largest?: number;
}

const what = "The npz file";

/** Deflate packs no more than 1032 bytes into one; what claims more is no deflated array. */
const densest = 1032;
const mostArrays = 100_000;

/**
 * Reads the arrays of an npz file by name: a zip archive of npy files, stored or deflated, as `numpy.savez` writes it.
 *
 * The bytes are not trusted: sizes that an archive claims are limited by what it holds and by `largest`, and nothing is unpickled.
 *
 * @throws EngineError `file-malformed`, `file-too-large` or `file-dtype`.
 */
export function readNpz(bytes: Uint8Array, { largest = 2 ** 31 }: ReadNpzOptions = {}): Arrays {
  const names = new Set<string>();
  let total = 0;
  const accept = (file: { name: string; size: number; originalSize: number; compression: number }): boolean => {
    const array = `${what}: ${quote(file.name)}`;
    if (!file.name.endsWith(".npy")) throw fileError("file-malformed", array, "is not an npy file.");
    if (names.has(file.name)) throw fileError("file-malformed", array, "is there twice.");
    names.add(file.name);
    total += file.originalSize;
    if (names.size > mostArrays || total > largest) {
      throw fileError(
        "file-too-large",
        what,
        `claims more than ${mostArrays} arrays or ${largest} bytes; raise \`largest\` if that is meant.`,
      );
    }
    const stored = file.compression === 0 && file.size === file.originalSize;
    const packed = file.compression === 8 && file.originalSize <= densest * file.size;
    if (file.size > bytes.byteLength || !(stored || packed)) {
      throw fileError("file-malformed", array, `claims ${file.originalSize} bytes from ${file.size}, which cannot be.`);
    }
    return true;
  };
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, { filter: accept });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw fileError(
      "file-malformed",
      what,
      `cannot be unpacked: ${error instanceof Error ? error.message : "damaged"}.`,
    );
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, file]): [string, NdArray] => [
      name.slice(0, -".npy".length),
      readNpy(file, `${what}: array ${quote(name.slice(0, -".npy".length))}`),
    ]),
  );
}

/** The archive's date: fixed, so that equal arrays give equal bytes. */
const epoch = new Date(1980, 0, 1);

/** Writes arrays as an npz file, deflated, as `numpy.load` reads it; equal arrays give equal bytes. */
export function writeNpz(arrays: Arrays): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)] as const);
  return zipSync(Object.fromEntries(files), { mtime: epoch, level: 6 });
}
