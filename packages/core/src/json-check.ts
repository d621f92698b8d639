/** Combinators that check parsed JSON: what a run folder holds comes from strangers. */
import { ReconError } from "./errors.ts";
import type { Json } from "./problem.ts";

/** Returns the value as T, with nothing else in it, or throws `run-invalid` that names the place. */
export type Check<T> = (value: unknown, where: string) => T;

/** Deeper JSON than this is refused: nothing here needs it, and recursion over it would not end well. */
const maxDepth = 64;

/** The error of a member that is not what it should be. */
export function invalid(where: string, expected: string): ReconError {
  return new ReconError(
    "run-invalid",
    `${where}: expected ${expected}. The run folder is damaged or was not written by recon.`,
  );
}

/** Any string. */
export const string: Check<string> = (value, where) => {
  if (typeof value !== "string") throw invalid(where, "a string");
  return value;
};

/** JSON has no infinities: `recordJson` writes them as strings. */
const nonFinite: ReadonlyMap<unknown, number> = new Map([
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["NaN", Number.NaN],
]);

/** Any number, those that JSON lacks included. */
export const number: Check<number> = (value, where) => {
  const parsed = typeof value === "number" ? value : nonFinite.get(value);
  if (parsed === undefined) throw invalid(where, 'a number, "Infinity", "-Infinity" or "NaN"');
  return parsed;
};

/** A whole number, 0 or more. */
export const count: Check<number> = (value, where) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw invalid(where, "a whole number, 0 or more");
  return value;
};

/** A time that `Date` reads. */
export const isoTime: Check<string> = (value, where) => {
  if (typeof value !== "string" || Number.isNaN(Date.parse(value))) throw invalid(where, "an ISO time");
  return value;
};

/** One of the given strings. */
export function oneOf<T extends string>(allowed: readonly T[]): Check<T> {
  return (value, where) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw invalid(where, `one of ${allowed.join(", ")}`);
    return found;
  };
}

/** A list of what `check` takes. */
export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw invalid(where, "a list");
    return value.map((entry, index) => check(entry, `${where}[${index}]`));
  };
}

/** The members of an object. */
export function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(where, "an object");
  return Object.entries(value);
}

/** An object whose members are all what `check` takes. */
export function mapOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, where) =>
    Object.fromEntries(entriesOf(value, where).map(([key, entry]) => [key, check(entry, `${where}.${key}`)]));
}

/** An object with these members and no others; those in `optional` may be missing. */
export function record<T extends object>(
  fields: { readonly [K in keyof T]-?: Check<T[K]> },
  optional: readonly (keyof T & string)[] = [],
): Check<T> {
  const checks = Object.entries(fields) as [keyof T & string, Check<unknown>][];
  return (value, where) => {
    const given = new Map(entriesOf(value, where));
    const kept = checks
      .filter(([key]) => given.has(key) || !optional.includes(key))
      .map(([key, check]) => [key, check(given.get(key), `${where}.${key}`)]);
    return Object.fromEntries(kept) as T;
  };
}

function depthOf(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return limit > 0 && Object.values(value).every((entry) => depthOf(entry, limit - 1));
}

/** Everything JSON.parse returns is JSON, so that only `undefined` and the depth are left to refuse. */
export const json: Check<Json> = (value, where) => {
  if (value === undefined) throw invalid(where, "a JSON value");
  if (!depthOf(value, maxDepth)) throw invalid(where, `JSON nested at most ${maxDepth} levels deep`);
  return value as Json;
};

/** Either of two values. */
export const boolean: Check<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw invalid(where, "true or false");
  return value;
};
