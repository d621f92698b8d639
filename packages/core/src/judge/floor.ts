import type { NdArray } from "@recon/engine";
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

/** The floor of one item. */
export function floorOf(truth: NdArray, domain: Domain): Floor {
  const blind = domain.blind(truth.shape);
  return { blind, scores: scoresOf(blind, truth, domain) };
}
