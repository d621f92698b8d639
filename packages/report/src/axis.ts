/** One direction of a chart: where a value lies, and which values are labelled. */
export interface Axis {
  /** Position of a value; values outside the range are moved to its ends. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** Differences below this are none: powers of ten of that size are not exact. */
const tiny = 1e-300;

/** A linear axis over round numbers that cover [low, high], drawn from `start` to `end`. */
export function linearAxis(low: number, high: number, start: number, end: number, most = 5): Axis {
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  // A range that rounding swallows is widened to the size of its values.
  const span = high - low > 1e-9 * magnitude && high - low > tiny ? high - low : magnitude > tiny ? magnitude : 1;
  const step = roundStep(span / most);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  return axis(ticks, start, end, (value) => value);
}

/** A logarithmic axis over powers of ten that cover [low, high], both positive, drawn from `start` to `end`. */
export function logAxis(low: number, high: number, start: number, end: number, most = 5): Axis {
  const first = Math.floor(Math.log10(Math.max(low, tiny)));
  const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
  const step = Math.ceil((last - first) / most);
  const ticks = Array.from({ length: Math.ceil((last - first) / step) + 1 }, (_, k) => 10 ** (first + k * step));
  return axis(ticks, start, end, Math.log10);
}

function axis(ticks: readonly number[], start: number, end: number, scale: (value: number) => number): Axis {
  const from = scale(ticks[0] ?? 0);
  const to = scale(ticks.at(-1) ?? 1);
  const share = (value: number): number => Math.min(1, Math.max(0, (scale(value) - from) / (to - from)));
  return { ticks, at: (value) => Math.round((start + (end - start) * share(value)) * 10) / 10 };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
