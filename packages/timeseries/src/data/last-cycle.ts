import type { Guess } from "@recon/core";
import type { Series } from "./series.ts";

/** A window that a guess is made for, and the scale of its values. */
export interface GuessedWindow {
  readonly start: number;
  readonly observed: number;
  readonly horizon: number;
  /** The value of a column at a step on the scale of the data; NaN where it is missing. */
  scaled(column: number, step: number): number;
}

/**
 * What someone would say of a window who knows the series up to it: the last whole cycle before it, repeated over input and target; the last value before it
 * where the series has no cycle.
 *
 * Nothing inside the window is used. `undefined` where what lies before it is missing or too short.
 */
export function lastCycle(series: Series, { start, observed, horizon, scaled }: GuessedWindow): Guess | undefined {
  const { steps, name } = series.cycle ?? { steps: 1, name: "value" };
  const features = series.columns.length;
  if (start < steps) return undefined;
  const at = (column: number, step: number): number => scaled(column, start - steps + (step % steps));
  const input = Float32Array.from({ length: observed * features }, (_, i) =>
    at(i % features, Math.floor(i / features)),
  );
  const target = Float32Array.from({ length: horizon }, (_, i) => at(0, observed + i));
  if (input.some(Number.isNaN) || target.some(Number.isNaN)) return undefined;
  return {
    name: `the ${name} before`,
    input: { shape: [observed, features], data: input },
    target: { shape: [horizon], data: target },
  };
}
