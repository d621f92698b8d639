import { type Finding, formatGain } from "./finding.ts";
import { formatCount, formatScore, metricTitle } from "./number-format.ts";

/** What the comparison with the floor says, in the first metric of the domain. */
export interface Leak {
  /**
   * `complete`: every item is equal to its original up to rounding. `established`: the interval of the gain lies above 0.
   * `likely`: the same with fewer than five items. `possible`: only the mean gain lies above 0.
   */
  readonly level: "complete" | "established" | "likely" | "possible" | "none";
  /** The numbers, as a sentence or two. */
  readonly sentence: string;
}

/** A percentile bootstrap over fewer items than this is too narrow to build on. */
const enough = 5;

/** Compares the scores of a finding with their floors; undefined when there are no originals or no floors. */
export function leakOf({ scores, floorName }: Finding): Leak | undefined {
  const [first] = scores;
  if (first?.floor === undefined) return undefined;
  const { metric, floor, median } = first;
  const { mean, bounds } = floor.gain;
  const complete = mean > 0 && formatScore(first.worst, metric.unit).startsWith("≥");
  const above = bounds !== null && bounds[0] > 0;
  const level = complete
    ? "complete"
    : above
      ? floor.items < enough
        ? "likely"
        : "established"
      : mean > 0
        ? "possible"
        : "none";
  const name = metricTitle(metric);
  const n = floor.items === 1 ? "1 item" : `${formatCount(floor.items)} items`;
  const range =
    bounds === null
      ? `${n}, too few for an interval`
      : `95 % interval ${formatGain(bounds[0], first)} to ${formatGain(bounds[1], first)}, ${n}`;
  const guesser = floorName === "floor" ? "a guess" : `a guess (${floorName})`;
  const compared = `The median ${name} is ${formatScore(median, metric.unit)}, where ${guesser} that never saw the observation has ${formatScore(floor.median, metric.unit)}.`;
  const gain = formatGain(mean, first);
  const difference =
    complete || above
      ? `${name} is better than the floor by ${gain} in the mean (${range}).`
      : `${name} is not reliably better than that: the mean gain is ${gain} (${range}).`;
  const few = bounds !== null && floor.items < enough ? " With so few items, the interval is only a hint." : "";
  return { level, sentence: `${compared} ${difference}${few}` };
}
