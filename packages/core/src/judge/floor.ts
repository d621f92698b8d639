import type { NdArray, Shape } from "@recon/engine";
import type { Domain } from "../problem.ts";

/** A value of every metric of a domain, by name. */
export type Scores = Readonly<Record<string, number>>;

/** The scores of one estimate against one truth, neither with a batch axis. */
export function scoresOf(estimate: NdArray, truth: NdArray, domain: Domain): Scores {
  return Object.fromEntries(domain.metrics.map((metric) => [metric.name, metric.score(estimate, truth)]));
}

/** The floor: what someone scores who saw nothing and says the domain's blind guess. */
export interface Floor {
  readonly blind: NdArray;
  readonly scores: Scores;
}

/** The floor of one item: the guess has the item's own extents, a generous assumption where they differ. */
export function floorOf(truth: NdArray, domain: Domain): Floor {
  const blind = domain.blind(extentsOf(truth, domain.padding));
  return { blind, scores: scoresOf(blind, truth, domain) };
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
