import type { NdArray, Shape } from "@recon/engine";
import type { Metric } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { drawNormal } from "../draw.ts";
import { demand, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";
import { copyArrays, demandEqual } from "../snapshot.ts";

export interface MetricLawOptions extends Repetition {
  /** Shape of one item, without the batch axis. */
  readonly shape: Shape;
  /** Draws an item; uniform in [0, 1) unless said. */
  readonly item?: (rng: Rng) => NdArray;
  /** Changes of an item, each worse than the one before; noise of .01, .1 and 1 times N(0, 1) unless said. */
  readonly worse?: readonly ((item: NdArray, rng: Rng) => NdArray)[];
  /** What someone who saw nothing would say of an item; the middle of [0, 1] unless said, and not tried where `item` is given without it. */
  readonly floor?: (item: NdArray) => NdArray;
  /** What the metric does not see, by the names it declares in `invariances`: another item that must score alike. */
  readonly invariant?: Readonly<Record<string, (item: NdArray, rng: Rng) => NdArray>>;
}

type MetricLaw = Law<Metric, MetricLawOptions>;

function drawItem({ shape, item }: MetricLawOptions, rng: Rng): NdArray {
  if (item !== undefined) return item(rng);
  const { data } = drawNormal(shape, rng);
  return { shape, data: data.map(() => rng.uniform()) };
}

/** truth + size · N(0, 1). */
function noisy(truth: NdArray, size: number, rng: Rng): NdArray {
  return { shape: truth.shape, data: Float64Array.from(truth.data, (value) => value + size * rng.normal()) };
}

function middle({ shape, data }: NdArray): NdArray {
  return { shape, data: new Float64Array(data.length).fill(0.5) };
}

const sizes = [0.01, 0.1, 1];

/** Items ever further from the truth. */
function changes({ worse }: MetricLawOptions): readonly ((item: NdArray, rng: Rng) => NdArray)[] {
  return worse ?? sizes.map((size) => (item, rng) => noisy(item, size, rng));
}

function isBetter(metric: Metric, a: number, b: number): boolean {
  return metric.better === "higher" ? a > b : a < b;
}

const perfect: MetricLaw = {
  name: "the perfect reconstruction has the perfect score, and nothing beats it",
  check: async (make, options, rng) => {
    const metric = make();
    const truth = drawItem(options, rng.split("truth"));
    const own = metric.score(truth, truth);
    demand(
      Object.is(own, metric.perfect) || Math.abs(own - metric.perfect) <= 1e-9 * Math.max(1, Math.abs(metric.perfect)),
      `The truth scores ${own} against itself; perfect is ${metric.perfect}.`,
    );
    for (let k = 0; k < 5; k++) {
      const other = metric.score(drawItem(options, rng.split(`other ${k}`)), truth);
      demand(!isBetter(metric, other, own), `Another item scores ${other}, better than the truth's ${own}.`);
    }
  },
};

const ordered: MetricLaw = {
  name: "far from the truth is worse than near it",
  check: async (make, options, rng) => {
    const metric = make();
    const truth = drawItem(options, rng.split("truth"));
    const scores = changes(options).map((change) => metric.score(change(truth, rng.split("noise")), truth));
    demand(
      scores.every((score) => !Number.isNaN(score)),
      `A score is not a number: ${scores.join(", ")}.`,
    );
    const falls = scores.every((score, i) => i === 0 || isBetter(metric, scores[i - 1]!, score));
    demand(falls, `Items ever further from the truth score ${scores.join(", ")}, which does not get worse.`);
  },
};

const floor: MetricLaw = {
  name: "what is farther from the truth than the floor does not score above it",
  check: async (make, options, rng) => {
    const guess = options.floor ?? (options.item === undefined ? middle : undefined);
    if (guess === undefined) return;
    const metric = make();
    const truth = drawItem(options, rng.split("truth"));
    const blind = guess(truth);
    // On the line from the truth through the guess, and three times as far.
    const beyond = Float64Array.from(truth.data, (value, i) => value + 3 * (blind.data[i]! - value));
    const [own, far] = [metric.score(blind, truth), metric.score({ shape: truth.shape, data: beyond }, truth)];
    demand(!isBetter(metric, far, own), `The floor scores ${own}, and an item three times as far off scores ${far}.`);
  },
};

const invariant: MetricLaw = {
  name: "what it declares not to see does not change its score",
  check: async (make, options, rng) => {
    const metric = make();
    for (const [name, change] of Object.entries(options.invariant ?? {})) {
      demand(metric.invariances.includes(name), `It does not declare the invariance "${name}".`);
      const truth = drawItem(options, rng.split("truth"));
      const estimate = changes(options)[1]!(truth, rng.split("noise"));
      const before = metric.score(estimate, truth);
      const after = metric.score(change(estimate, rng.split(name)), truth);
      demand(
        Math.abs(before - after) <= 1e-9 * Math.max(1, Math.abs(before)),
        `Under "${name}" the score goes from ${before} to ${after}.`,
      );
    }
  },
};

const pure: MetricLaw = {
  name: "deterministic, and changes nothing it is given",
  check: async (make, options, rng) => {
    const metric = make();
    const truth = drawItem(options, rng.split("truth"));
    const items = { truth, estimate: changes(options)[1]!(truth, rng.split("noise")) };
    const before = copyArrays(items);
    const first = metric.score(items.estimate, items.truth);
    demandEqual(items, before, "The metric changed what it was given");
    demand(
      Object.is(first, metric.score(items.estimate, items.truth)),
      "The same pair scores differently the second time.",
    );
    demand(Object.is(first, make().score(items.estimate, items.truth)), "Two equal metrics differ.");
  },
};

/** What must hold of every metric. */
export const metricLaws: readonly MetricLaw[] = [perfect, ordered, floor, invariant, pure];
