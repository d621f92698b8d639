import { stepsBetween, type TimeStep } from "./time-steps.ts";

/** Of all steps, how many must be the usual one; gaps are the others. */
export const leastRegular = 0.9;

/** How far a row may be from its step, in steps: clocks drift and jitter. */
export const tolerance = 0.25;

const day = 86_400_000;

/** The step of most rows, whose times are in order and distinct: a typical difference, or whole calendar months where they fit. */
export function usualStep(times: readonly number[]): TimeStep {
  const differences = times.slice(1).map((time, i) => time - times[i]!);
  const milliseconds = typical(differences);
  const months = Math.round(milliseconds / (30.44 * day));
  if (milliseconds < 28 * day || months < 1) return { milliseconds };
  const calendar = { months };
  const fitting = times.slice(1).filter((time, i) => Math.abs(stepsBetween(times[i]!, time, calendar) - 1) < 1e-9);
  return fitting.length >= leastRegular * differences.length ? calendar : { milliseconds };
}

/** The median, or, where no exact difference stands out, the mean of those near it: in whole units where it is within a hundredth of them. */
function typical(differences: readonly number[]): number {
  const median = differences.toSorted((a, b) => a - b)[Math.floor(differences.length / 2)]!;
  if (2 * differences.filter((difference) => difference === median).length >= differences.length) return median;
  const near = differences.filter((difference) => Math.abs(difference - median) <= tolerance * median);
  const mean = near.reduce((sum, difference) => sum + difference, 0) / near.length;
  const whole = [3_600_000, 60_000, 1000, 1].map((unit) => Math.round(mean / unit) * unit);
  return whole.find((value) => Math.abs(value - mean) <= 0.01 * mean) ?? mean;
}
