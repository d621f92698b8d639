import type { ScenarioRecord } from "@recon/core";

/** How one metric is scored and read. */
export type MetricInfo = ScenarioRecord["metrics"][number];

/**
 * Scores above the ceiling of their unit say nothing but "equal up to rounding": they are printed as the ceiling, and counted
 * as it in means. The JSON of the run keeps them as they are.
 */
const ceilings: ReadonlyMap<string, number> = new Map([["dB", 100]]);

/** The largest value that is told apart in a unit; infinite where there is no ceiling. */
export function ceilingOf(unit: string): number {
  return ceilings.get(unit) ?? Number.POSITIVE_INFINITY;
}

/** A number with `digits` significant digits, in scientific notation where plain digits would be long. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e6) {
    const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    return grouped(value, Math.min(places, 6));
  }
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${mantissa?.replace("-", "−")} × 10${superscript(Number(exponent))}`;
}

/** A score with its unit; `≥ 100 dB` from the ceiling of the unit on. */
export function formatScore(value: number, unit: string): string {
  const ceiling = ceilingOf(unit);
  const tail = unit === "" || unit === "1" ? "" : ` ${unit}`;
  if (value >= ceiling) return `≥ ${ceiling}${tail}`;
  return Number.isFinite(ceiling) && Number.isFinite(value)
    ? `${grouped(value, 1)}${tail}`
    : `${formatNumber(value)}${tail}`;
}

/** A whole number with thin spaces between thousands. */
export function formatCount(value: number): string {
  return grouped(value, 0);
}

/** A duration for people: milliseconds, seconds or minutes. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${grouped(seconds * 1000, 0)} ms`;
  if (seconds < 100) return `${grouped(seconds, 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A metric's name as words: `psnr_db` in dB is printed as `PSNR`. */
export function metricTitle({ name, unit }: Pick<MetricInfo, "name" | "unit">): string {
  const words = name.split("_");
  const last = words.at(-1);
  const kept = words.length > 1 && last?.toLowerCase() === unit.toLowerCase() ? words.slice(0, -1) : words;
  // Short names of metrics are abbreviations.
  return kept.map((word) => (word.length <= 4 ? word.toUpperCase() : word)).join(" ");
}

function grouped(value: number, places: number): string {
  const [whole = "", fraction] = Math.abs(value).toFixed(places).split(".");
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202F") : whole;
  const zero = Number(Math.abs(value).toFixed(places)) === 0;
  return `${value < 0 && !zero ? "−" : ""}${spaced}${fraction === undefined ? "" : `.${fraction}`}`;
}

function superscript(exponent: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join("");
}
