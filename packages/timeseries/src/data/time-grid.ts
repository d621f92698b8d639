import { ReconError } from "@recon/core";
import { stepInWords, stepsBetween, type TimeStep } from "./time-steps.ts";
import { leastRegular, tolerance, usualStep } from "./usual-step.ts";

/** Rows on a grid of equal steps. */
export interface TimeGrid {
  /** Absent where one row has no neighbour. */
  readonly step?: TimeStep;
  /** The row at every step; −1 where there is none. */
  readonly rows: Int32Array;
  /** Rows that are on no step of their own, and why. */
  readonly offGrid: readonly { readonly row: number; readonly reason: string }[];
}

/** So many longer steps in a row, all alike, are no gaps but another frequency. */
const longestRun = 8;

/**
 * Lays rows on a grid by their times, whatever their order: the step is the typical difference, or whole calendar months. Steps are counted from row to row, so
 * that a clock that drifts does no harm.
 *
 * @throws ReconError `irregular-steps` where fewer than nine in ten steps are the usual one, where part of the rows has another step, where fewer than half of
 * the grid has a row, or where more than one in ten rows has the time of another.
 */
export function timeGrid(times: readonly number[], source: string): TimeGrid {
  const order = times.map((_, row) => row).sort((a, b) => times[a]! - times[b]! || a - b);
  const distinct = order.filter((row, i) => i === 0 || times[row] !== times[order[i - 1]!]);
  const offGrid = order
    .filter((row, i) => i > 0 && times[row] === times[order[i - 1]!])
    .map((row) => ({ row, reason: "its time stands twice, and the first row of it is kept" }));
  if (offGrid.length > (1 - leastRegular) * times.length) throw doubled(source, offGrid.length, times.length);
  if (distinct.length < 2) return { rows: Int32Array.from(distinct), offGrid };
  const step = usualStep(distinct.map((row) => times[row]!));
  const counts = distinct.slice(1).map((row, i) => stepsBetween(times[distinct[i]!]!, times[row]!, step));
  const regular = counts.filter((count) => Math.abs(count - 1) <= tolerance).length;
  if (regular < leastRegular * counts.length || hasLongRun(counts)) throw mixed(source, counts, step, regular);
  const placed = new Map<number, number>([[0, distinct[0]!]]);
  let [place, last] = [0, times[distinct[0]!]!];
  for (const row of distinct.slice(1)) {
    const count = stepsBetween(last, times[row]!, step);
    const whole = Math.round(count);
    if (whole < 1 || Math.abs(count - whole) > tolerance) {
      offGrid.push({ row, reason: `it is ${count.toFixed(2)} steps of ${stepInWords(step)} after the row before it` });
      continue;
    }
    place += whole;
    last = times[row]!;
    placed.set(place, row);
  }
  if (placed.size < (place + 1) / 2) throw sparse(source, place + 1 - placed.size, place + 1, step);
  return { step, rows: Int32Array.from({ length: place + 1 }, (_, at) => placed.get(at) ?? -1), offGrid };
}

function hasLongRun(counts: readonly number[]): boolean {
  let run = 0;
  return counts.some((count, i) => {
    const longer = Math.abs(count - 1) > tolerance;
    const alike = run > 0 && Math.abs(count - counts[i - 1]!) < tolerance;
    run = longer ? (alike ? run + 1 : 1) : 0;
    return run >= longestRun;
  });
}

const advice =
  'Aggregate the series to one step, cut out a regular part, or set steps: "rows" to take every row as a step whatever its time';

function mixed(source: string, counts: readonly number[], step: TimeStep, regular: number): ReconError {
  const others = counts.filter((count) => Math.abs(count - 1) > tolerance).map((count) => Number(count.toFixed(2)));
  const tally = new Map<number, number>();
  for (const count of others) tally.set(count, (tally.get(count) ?? 0) + 1);
  const [most, times] = [...tally].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  const share = (part: number): string => `${Math.round((100 * part) / counts.length)} %`;
  return new ReconError(
    "irregular-steps",
    `${source}: the steps are mixed: ${share(regular)} are ${stepInWords(step)}, ${share(times)} are ${most} times that. ${advice}.`,
  );
}

function doubled(source: string, twice: number, total: number): ReconError {
  return new ReconError(
    "irregular-steps",
    `${source}: ${twice} of ${total} rows have the time of another one, so there is more than one series in it. Keep the rows of one.`,
  );
}

function sparse(source: string, absent: number, total: number, step: TimeStep): ReconError {
  return new ReconError(
    "irregular-steps",
    `${source}: ${absent} of ${total} steps of ${stepInWords(step)} between the first and the last row have none. ${advice}.`,
  );
}
