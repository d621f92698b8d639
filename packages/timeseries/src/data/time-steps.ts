const minute = 60_000;
const day = 1440 * minute;

/** A step in time: a fixed number of milliseconds, or of calendar months, whose days vary. */
export type TimeStep = { readonly milliseconds: number } | { readonly months: number };

const units: readonly (readonly [string, number])[] = [
  ["d", day],
  ["h", 60 * minute],
  ["min", minute],
  ["s", 1000],
];

/** A step as `15 min`, `1 h`, `1 d` or `1 month`. */
export function stepInWords(step: TimeStep): string {
  if ("months" in step) {
    const [count, unit] = step.months % 12 === 0 ? [step.months / 12, "year"] : [step.months, "month"];
    return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  const { milliseconds } = step;
  const [unit, size] = units.find(([, length]) => milliseconds % length === 0) ?? ["ms", 1];
  return `${milliseconds / size} ${unit}`;
}

/** How many steps after `before` a time is, as far as both lie on one grid: a fraction where they do not. */
export function stepsBetween(before: number, after: number, step: TimeStep): number {
  if ("milliseconds" in step) return (after - before) / step.milliseconds;
  const [first, second] = [new Date(before), new Date(after)];
  const months = 12 * (second.getUTCFullYear() - first.getUTCFullYear()) + second.getUTCMonth() - first.getUTCMonth();
  // The last days of two months are a month apart, whatever their numbers.
  const days = isLastOfMonth(first) && isLastOfMonth(second) ? 0 : second.getUTCDate() - first.getUTCDate();
  return (months + days / 31) / step.months;
}

/**
 * What the steps usually repeat by: the day where a step divides it, the week of daily data, the year of monthly data.
 */
export function usualCycle(step: TimeStep): { readonly steps: number; readonly name: string } | undefined {
  if ("months" in step)
    return step.months < 12 && 12 % step.months === 0 ? { steps: 12 / step.months, name: "year" } : undefined;
  const { milliseconds } = step;
  if (milliseconds === day) return { steps: 7, name: "week" };
  return milliseconds < day && day % milliseconds === 0 ? { steps: day / milliseconds, name: "day" } : undefined;
}

/** A cycle in a word: `day`, `week`, `year` where it is one. */
export function cycleName(steps: number, step: TimeStep | undefined): string {
  if (step !== undefined && "months" in step) return steps * step.months === 12 ? "year" : "cycle";
  const length = step === undefined ? 0 : steps * step.milliseconds;
  if (length === day) return "day";
  return length === 7 * day ? "week" : "cycle";
}

function isLastOfMonth(date: Date): boolean {
  return new Date(date.getTime() + day).getUTCDate() === 1;
}
