import { ReconError } from "./errors.ts";

/** What one option may be: a test, and the same in words for the error. */
export interface Check<T> {
  readonly allowed: string;
  is(value: unknown): value is T;
}

/** One check for every option of `T`, so that a new option cannot be forgotten. */
export type Checks<T> = { readonly [Key in keyof T]-?: Check<Exclude<T[Key], undefined>> };

/** A whole number in [min, max]. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  const allowed =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return {
    allowed,
    is: (value): value is number => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A finite number in [min, max]. */
export function real(min: number, max: number = Number.POSITIVE_INFINITY): Check<number> {
  const allowed = max === Number.POSITIVE_INFINITY ? `a number of at least ${min}` : `a number from ${min} to ${max}`;
  return {
    allowed,
    is: (value): value is number => Number.isFinite(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A finite number above zero. */
export function positive(): Check<number> {
  return {
    allowed: "a number above 0",
    is: (value): value is number => Number.isFinite(value) && (value as number) > 0,
  };
}

/** true or false. */
export function flag(): Check<boolean> {
  return { allowed: "true or false", is: (value): value is boolean => typeof value === "boolean" };
}

/** A string that is not empty. */
export function nonEmpty(): Check<string> {
  return {
    allowed: "a text that is not empty",
    is: (value): value is string => typeof value === "string" && value !== "",
  };
}

/** One of a few values. */
export function oneOf<const T extends string | number>(values: readonly T[]): Check<T> {
  return {
    allowed: `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    is: (value): value is T => (values as readonly unknown[]).includes(value),
  };
}

/** A list of at least `min` values that each pass. */
export function listOf<T>(item: Check<T>, min = 1): Check<readonly T[]> {
  return {
    allowed: `a list of ${min} or more, each ${item.allowed}`,
    is: (value): value is readonly T[] =>
      Array.isArray(value) && value.length >= min && value.every((entry) => item.is(entry)),
  };
}

/** An error about one option: `bad-option`, naming the piece, the option and what is allowed. */
export function badOption(piece: string, option: string, value: unknown, allowed: string): ReconError {
  const shown = JSON.stringify(value) ?? String(value);
  const short = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  return new ReconError("bad-option", `${piece}: option "${option}" must be ${allowed}, not ${short}.`);
}

/**
 * Refuses unknown options and values of the wrong kind; `undefined` counts as absent.
 *
 * Options may come from a file, so their declared type is not trusted.
 *
 * @throws ReconError `bad-option`, naming the option and what is allowed.
 */
export function checkOptions<T extends object>(piece: string, options: T, checks: Checks<T>): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ReconError("bad-option", `${piece}: options must be a record of names and values.`);
  }
  const known = checks as Readonly<Record<string, Check<unknown>>>;
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) {
      const names = Object.keys(known).join(", ");
      throw new ReconError(
        "bad-option",
        `${piece}: there is no option "${name}". ${names === "" ? "It takes none." : `Allowed: ${names}.`}`,
      );
    }
    if (value !== undefined && !check.is(value)) throw badOption(piece, name, value, check.allowed);
  }
}
