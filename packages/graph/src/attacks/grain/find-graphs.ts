import { type AttackContext, executorProduct, knownNoise, type Problem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { type Explanation, explainWith } from "./explain-with.ts";
import { outlookOf, surveyOf, typesOf } from "./survey.ts";

/** The graph that explains the observation with the fewest nodes. */
export interface GraphsFound extends Explanation {
  readonly evaluations: number;
  readonly outlook: string;
}

/** Why no graph was found. */
export interface NoGraph {
  readonly reason: string;
  readonly evaluations: number;
  /** Whether the observation says nothing of the graph, or this search found none. */
  readonly undetermined: boolean;
}

export interface SearchLimits {
  readonly surroundings: number;
  readonly joins: number;
}

/** Most searches with other tests left out. */
const mostSearches = 6;

/**
 * Searches for graphs from the survey to the gradient of the whole.
 *
 * All row spaces are asked first. Where no graph explains the observation then, some of its errors may lack a dimension, and row spaces are left out of the tests: one after the
 * other first, then several.
 */
export async function findGraphs(
  problem: Problem,
  domain: GraphDomain,
  target: NdArray,
  { executor, rng, signal }: AttackContext,
  { surroundings, joins }: SearchLimits,
): Promise<GraphsFound | NoGraph> {
  const noiseStd = knownNoise(problem);
  const products = executorProduct(executor);
  const { product } = products;
  let evaluations = 0;
  let best: Explanation | undefined;
  let reason = "";
  try {
    const survey = await surveyOf(problem, noiseStd, products);
    if ("reason" in survey) return { ...survey, evaluations, undetermined: true };
    const outlook = outlookOf(survey);
    for (const asked of testsLeftOut(survey.tests.length)) {
      if (signal.aborted) break;
      const found = await typesOf(problem, survey, {
        executor,
        product,
        noiseStd,
        asked,
        limit: surroundings,
        rng: rng.split("grain"),
        signal,
      });
      evaluations += found.read;
      if ("reason" in found) {
        reason ||= found.reason;
        continue;
      }
      const explained = await explainWith(found, { problem, domain, executor, target, noiseStd, joins, signal });
      evaluations += explained.evaluations;
      if ("reason" in explained) {
        reason ||= explained.reason;
        continue;
      }
      if (best === undefined || explained.residual < best.residual) best = explained;
      if (explained.explains) break;
    }
    if (best !== undefined) return { ...best, evaluations, outlook };
    return { reason: `${reason} ${outlook}`, evaluations, undetermined: false };
  } finally {
    await products.dispose();
  }
}

/** Which tests are asked in each search: all, then without one, the last first, then without two, ... */
function testsLeftOut(tests: number): boolean[][] {
  const sets = Array.from({ length: 2 ** tests }, (_, bits) =>
    Array.from({ length: tests }, (_, i) => ((bits >> i) & 1) === 0),
  );
  const left = (asked: readonly boolean[]): number => asked.filter((one) => !one).length;
  const last = (asked: readonly boolean[]): number => asked.lastIndexOf(false);
  return sets.sort((a, b) => left(a) - left(b) || last(b) - last(a)).slice(0, mostSearches);
}
