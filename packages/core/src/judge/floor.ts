import type { NdArray, Shape } from "@recon/engine";
import type { Domain, Guess, Metric } from "../problem.ts";

/** A value of every metric of a domain, by name. */
export type Scores = Readonly<Record<string, number>>;

/** An item or what is said of it, without a batch axis. */
export interface Sample {
  readonly input: NdArray;
  readonly target?: NdArray;
}

/** The scores of one estimate against one truth; a metric of targets scores NaN where there is none. */
export function scoresOf(estimate: Sample, truth: Sample, domain: Domain): Scores {
  return Object.fromEntries(domain.metrics.map((metric) => [metric.name, scoreOf(metric, estimate, truth)]));
}

/** The score by one metric, of the input or the target as the metric says. */
export function scoreOf(metric: Metric, estimate: Sample, truth: Sample): number {
  const [said, actual] = [estimate, truth].map((sample) => sample[metric.of ?? "input"]);
  return said === undefined || actual === undefined ? Number.NaN : metric.score(said, actual);
}

/** The floor: what someone scores who saw no observation. */
export interface Floor extends Sample {
  /** Who that is, in words. */
  readonly name: string;
  readonly scores: Scores;
}

/** What the floor of an item needs. */
export interface TrueItem extends Sample {
  readonly guess?: Guess | undefined;
}

/**
 * The floor of one item: the domain's blind guess, or the guess that came with the item where that scores better by the domain's first metric. The blind
 * guess has the item's own extents, a generous assumption where they differ.
 */
export function floorOf(truth: TrueItem, domain: Domain): Floor {
  const blind = {
    name: "blind guess",
    input: domain.blind(extentsOf(truth.input, domain.padding)),
    ...(truth.target && domain.blindTarget && { target: domain.blindTarget(truth.target.shape) }),
  };
  const guesses = truth.guess === undefined ? [blind] : [blind, truth.guess];
  const scored = guesses.map((guess) => ({ ...guess, scores: scoresOf(guess, truth, domain) }));
  const [first] = domain.metrics;
  const sign = first?.better === "higher" ? -1 : 1;
  return scored.reduce((best, other) =>
    first !== undefined && sign * other.scores[first.name]! < sign * best.scores[first.name]! ? other : best,
  );
}

/** Extents of an item without what it is filled up with at its ends. */
function extentsOf({ shape, data }: NdArray, padding: number | undefined): Shape {
  if (padding === undefined) return shape;
  const extents = shape.map(() => 0);
  data.forEach((value, i) => {
    if (value === padding) return;
    let place = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      extents[axis] = Math.max(extents[axis]!, (place % shape[axis]!) + 1);
      place = Math.floor(place / shape[axis]!);
    }
  });
  return extents.some((extent) => extent === 0) ? shape : extents;
}
