import { ReconError } from "./errors.ts";

/** Whether what comes back from JSON text is what went in: no functions, NaN, infinities, `undefined`, dates or typed arrays. */
export function survivesJson(value: unknown): boolean {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A value that holds itself.
    return false;
  }
  return text !== undefined && same(value, JSON.parse(text));
}

/**
 * The options of a piece, where they can be written down and read again: a row of results must be repeatable from its record.
 *
 * @param piece In words, such as `The prior "edges"`.
 * @throws ReconError `options-not-json`.
 */
export function recordable<T>(piece: string, options: T): T {
  if (survivesJson(options)) return options;
  const advice = "Options are numbers, texts, truth values, lists and records of such, and null";
  throw new ReconError(
    "options-not-json",
    `${piece} has options that JSON does not keep, so its results could not be repeated. ${advice}.`,
  );
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null) return Object.is(a, b) || (a === 0 && b === 0);
  if (typeof b !== "object" || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const plain = Array.isArray(a) || [Object.prototype, null].includes(Object.getPrototypeOf(a));
  const keys = Object.keys(a);
  const kept = (key: string): boolean =>
    Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
  return plain && keys.length === Object.keys(b).length && keys.every(kept);
}
