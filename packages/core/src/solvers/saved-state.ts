import { ReconError } from "../errors.ts";
import type { Json } from "../problem.ts";

/** What a solver's state is made of. */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | Float64Array
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };

/** Plain JSON with every bit kept: vectors as base64 of little-endian float64, numbers JSON lacks (NaN, ±Infinity, −0) by name. */
export function encodeState(value: StateValue): Json {
  if (value instanceof Float64Array) {
    return { float64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  }
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { number: Object.is(value, -0) ? "-0" : `${value}` };
  }
  if (Array.isArray(value)) return value.map(encodeState);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, encodeState(part)]));
  }
  return value as null | boolean | string;
}

/** The inverse of `encodeState`. */
export function decodeState(json: Json): StateValue {
  if (Array.isArray(json)) return json.map(decodeState);
  if (typeof json !== "object" || json === null) return json as null | boolean | number | string;
  const record = json as { readonly [key: string]: Json };
  if (typeof record.float64 === "string") {
    const bytes = Buffer.from(record.float64, "base64");
    const vector = new Float64Array(bytes.length / 8);
    new Uint8Array(vector.buffer).set(bytes);
    return vector;
  }
  if (typeof record.number === "string") return Number(record.number);
  return Object.fromEntries(Object.entries(record).map(([key, part]) => [key, decodeState(part)]));
}

/** Reads typed fields of a saved state; anything that does not fit is the same clear error. */
export interface StateReader {
  vector(key: string, size?: number): Float64Array;
  number(key: string): number;
  raw(key: string): StateValue;
}

/**
 * Opens a saved state written under `format`.
 *
 * @throws ReconError `bad-resume` when it is another solver's, damaged, or of another size.
 */
export function readState(json: Json, format: string): StateReader {
  const decoded = decodeState(json);
  const wrong = (what: string): ReconError =>
    new ReconError("bad-resume", `The saved solver state ${what}. Resume with a state that the same solver saved.`);
  if (typeof decoded !== "object" || decoded === null || Array.isArray(decoded) || decoded instanceof Float64Array) {
    throw wrong("is not a record");
  }
  const record = decoded as { readonly [key: string]: StateValue };
  if (record.format !== format) throw wrong(`has format ${JSON.stringify(record.format)}, not "${format}"`);
  return {
    vector: (key, size) => {
      const value = record[key];
      if (!(value instanceof Float64Array)) throw wrong(`lacks the vector "${key}"`);
      if (size !== undefined && value.length !== size)
        throw wrong(`has ${value.length} numbers in "${key}", not ${size}`);
      return value;
    },
    number: (key) => {
      const value = record[key];
      if (typeof value !== "number") throw wrong(`lacks the number "${key}"`);
      return value;
    },
    raw: (key) => {
      const value = record[key];
      if (value === undefined) throw wrong(`lacks "${key}"`);
      return value;
    },
  };
}
