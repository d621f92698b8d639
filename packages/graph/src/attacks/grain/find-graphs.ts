import { type AttackContext, executorProduct, knownNoise, type Problem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { type Explanation, explainWith } from "./explain-with.ts";
import { outlookOf, surveyOf } from "./survey.ts";
import { type Question, typesOf } from "./types-of.ts";

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

/** Most searches with other questions. */
const mostSearches = 9;

/**
 * Searches for graphs from the survey to the gradient of the whole.
 *
 * All row spaces are asked as they are first. Where no graph explains the observation then, errors of a layer may lack a dimension, as where Â is singular: spaces are widened by one that candidates
 * show, then left out.
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
    const search = { executor, product, noiseStd, limit: surroundings, rng: rng.split("grain"), signal };
    for (const questions of questionsInOrder(survey.tests.length)) {
      for await (const found of typesOf(problem, survey, { ...search, questions })) {
        evaluations += found.read;
        const explained =
          "reason" in found
            ? { reason: found.reason, evaluations: 0 }
            : await explainWith(found, { problem, domain, executor, target, noiseStd, joins, signal });
        evaluations += explained.evaluations;
        if ("reason" in explained) reason ||= explained.reason;
        else if (best === undefined || explained.residual < best.residual) best = explained;
        if (best?.explains || signal.aborted) break;
      }
      if (best?.explains || signal.aborted) break;
    }
    if (best !== undefined) return { ...best, evaluations, outlook };
    const ended = signal.aborted ? "The time was over before everything was tried." : "";
    return {
      reason: [reason, ended, outlook].filter((part) => part !== "").join(" "),
      evaluations,
      undetermined: false,
    };
  } finally {
    await products.dispose();
  }
}

/** How much a question leaves open: a dimension, or everything. */
const openness: Readonly<Record<Question, number>> = { "as it is": 0, widened: 1, nothing: 3 };

/** What the stages are asked in each search: those that leave the least open first, and the last stages before the first. */
function questionsInOrder(stages: number): Question[][] {
  const each: readonly Question[] = ["as it is", "widened", "nothing"];
  let sets: Question[][] = [[]];
  for (let i = 0; i < stages; i++) sets = each.flatMap((question) => sets.map((set) => [...set, question]));
  const open = (questions: readonly Question[]): number => questions.reduce((sum, one) => sum + openness[one], 0);
  const late = (questions: readonly Question[]): number =>
    questions.reduce((sum, one, i) => sum + i * openness[one], 0);
  return sets.sort((a, b) => open(a) - open(b) || late(b) - late(a)).slice(0, mostSearches);
}
