import { type Item, ReconError, type Skipped } from "@recon/core";
import type { SeriesDomain } from "../domain.ts";
import { lastCycle } from "./last-cycle.ts";
import type { Series } from "./series.ts";

/** Part of a series, and the distance between the starts of two windows. */
export interface Part {
  /** First step, and the first after the last. */
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

/** The windows of a part: items that are made when they are asked for. */
export interface Windows {
  readonly size: number;
  /** Complete windows that leave the domain's box. */
  readonly skipped: readonly Skipped[];
  /** @throws ReconError `no-such-item`. */
  item(index: number): Promise<Item>;
}

/**
 * Windows of T_obs + T_fut steps that lie wholly inside a part of a series and miss no value, on the scale of the domain, as float32.
 *
 * An item is an input [T_obs, F], a target [T_fut], and what the cycle before would make one guess.
 */
export function windows(source: string, series: Series, domain: SeriesDomain, part: Part): Windows {
  const { observed, horizon, features, columns } = domain;
  const length = observed + horizon;
  const scaled = (column: number, step: number): number => {
    const { min, max } = columns[column]!;
    return (series.columns[column]!.values[step]! - min) / (max - min);
  };
  const complete = completeness(series, observed, horizon);
  const skipped: Skipped[] = [];
  const starts: number[] = [];
  for (let start = part.from; start + length <= part.to; start += part.stride) {
    if (!complete(start)) continue;
    const outside = firstOutside(start);
    if (outside === undefined) starts.push(start);
    else skipped.push({ id: idOf(start), reason: outside, byOptions: true });
  }

  function idOf(start: number): string {
    return `${source} ${series.label(start)}`;
  }

  function firstOutside(start: number): string | undefined {
    const [lower, upper] = [domain.lower.data[0]!, domain.upper.data[0]!];
    for (let step = start; step < start + length; step++) {
      for (let column = 0; column < (step < start + observed ? features : 1); column++) {
        const value = scaled(column, step);
        if (value >= lower && value <= upper) continue;
        const { name } = columns[column]!;
        return `column "${name}" is ${value.toFixed(3)} at ${series.label(step)}, outside of the box [${lower}, ${upper}]; option "box" widens it`;
      }
    }
    return undefined;
  }

  return {
    size: starts.length,
    skipped,
    item: async (index): Promise<Item> => {
      const start = starts[index];
      if (start === undefined) {
        throw new ReconError(
          "no-such-item",
          `${source} has items 0 to ${starts.length - 1}; there is no item ${index}.`,
        );
      }
      const guess = lastCycle(series, { start, observed, horizon, scaled });
      return {
        id: idOf(start),
        input: {
          shape: [observed, features],
          data: Float32Array.from({ length: observed * features }, (_, i) =>
            scaled(i % features, start + Math.floor(i / features)),
          ),
        },
        target: {
          shape: [horizon],
          data: Float32Array.from({ length: horizon }, (_, i) => scaled(0, start + observed + i)),
        },
        ...(guess && { guess }),
      };
    },
  };
}

/** Whether a window that starts at a step misses no value: of every column where it is observed, of the first where it is forecast. */
function completeness({ columns, length }: Series, observed: number, horizon: number): (start: number) => boolean {
  const missingBefore = (of: typeof columns): Uint32Array => {
    const counts = new Uint32Array(length + 1);
    for (let step = 0; step < length; step++)
      counts[step + 1] = counts[step]! + (of.some(({ values }) => Number.isNaN(values[step]!)) ? 1 : 0);
    return counts;
  };
  const ofAll = missingBefore(columns);
  const ofFirst = missingBefore(columns.slice(0, 1));
  return (start) => {
    const forecast = start + observed;
    return ofAll[forecast] === ofAll[start] && ofFirst[forecast + horizon] === ofFirst[forecast];
  };
}
