import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arrays, EngineError, type NdArray, type Shape } from "@recon/engine";
import { readSafetensors } from "@recon/engine/files";
import { firstNonFinite } from "../arrays.ts";
import { ReconError } from "../errors.ts";

export interface PriorWeightsOptions {
  /** SHA-256 of the whole file, 64 hexadecimal digits: what `sha256sum` prints. */
  readonly sha256: string;
  /** The arrays to read and what shape each must have. A file may hold others; they are left out. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

/**
 * The weights of a learned prior from a safetensors file, checked to be the very file that the prior was published with.
 *
 *     const weights = weightsFrom(new URL("../weights/decoder.safetensors", import.meta.url), { sha256: "9f2c…", shapes: { w1: [64, 16] } });
 *
 * Read at once and not in the background, so that a factory that needs them can stay a plain function; keep what it returns.
 *
 * @param file A path, taken from the working directory, or a `file:` URL, such as one beside the module that reads it.
 * @returns The arrays named in `shapes`, in that order, in the element type of the file.
 * @throws ReconError `weights-missing` for a file that cannot be read, `weights-checksum`, `weights-malformed` for a file that is no safetensors,
 *   `weights-shape` for an array that is missing or of another shape, `weights-not-finite`, and `bad-option` for a checksum that is none.
 * @see https://github.com/huggingface/safetensors (format)
 */
export function weightsFrom(file: URL | string, { sha256, shapes }: PriorWeightsOptions): Arrays {
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new ReconError("bad-option", `Option "sha256" must be 64 hexadecimal digits, not "${sha256}".`);
  }
  const path = pathOf(file);
  const bytes = bytesOf(path);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256.toLowerCase()) {
    const what = `Expected sha256 ${sha256.toLowerCase()}, found ${found}`;
    const advice =
      "It was changed, cut short or replaced: get the file again, or state the checksum of the one you mean";
    throw new ReconError("weights-checksum", `${path} is not the file of weights that is wanted. ${what}. ${advice}.`);
  }
  const held = arraysIn(bytes, path);
  const wanted = Object.entries(shapes).map(([name, shape]) => [name, checked(held, name, shape, path)] as const);
  const weights = Object.fromEntries(wanted);
  const broken = firstNonFinite(weights);
  if (broken !== undefined) {
    throw new ReconError("weights-not-finite", `${path}: array "${broken}" holds NaN or an infinity.`);
  }
  return weights;
}

function pathOf(file: URL | string): string {
  if (typeof file === "string" && !/^[a-z][a-z+.-]+:\/\//i.test(file)) return resolve(file);
  const url = new URL(file);
  if (url.protocol === "file:") return fileURLToPath(url);
  const advice = "Download it, and give the path of the copy: the checksum says whether it is the right one";
  throw new ReconError(
    "weights-missing",
    `${url.href} is not on this machine, and weights are read from files. ${advice}.`,
  );
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReconError("weights-missing", `The weights at ${path} cannot be read: ${why}.`, { cause });
  }
}

function arraysIn(bytes: Uint8Array, path: string): Arrays {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause;
    throw new ReconError("weights-malformed", `${path} holds no weights that can be read. ${cause.message}`, { cause });
  }
}

function checked(held: Arrays, name: string, shape: Shape, path: string): NdArray {
  const array = Object.hasOwn(held, name) ? held[name] : undefined;
  if (array === undefined) {
    const there = Object.keys(held).join(", ") || "none";
    throw new ReconError(
      "weights-shape",
      `${path} has no array "${name}" of shape [${shape.join(", ")}]. It holds: ${there}.`,
    );
  }
  if (array.shape.join() !== shape.join()) {
    const what = `expected [${shape.join(", ")}], found [${array.shape.join(", ")}]`;
    throw new ReconError("weights-shape", `${path}: array "${name}" has another shape: ${what}.`);
  }
  return array;
}
