import type { DiscretePrior, DiscreteScorer, Prior } from "@recon/core";
import type { TextDomain } from "../../domain.ts";

/** The language model among priors, made for the vocabulary of a domain. */
export function languageScorer(priors: readonly Prior[], domain: TextDomain): DiscreteScorer | undefined {
  return priors.find((prior): prior is DiscretePrior => prior.kind === "discrete")?.scorer(domain);
}

/** −log p / n of a text of n ids, those left out that stand for no text. */
export function languageLoss(scorer: DiscreteScorer, ids: readonly number[], special: ReadonlySet<number>): number {
  const words = ids.filter((id) => !special.has(id));
  return words.length === 0 ? 0 : -scorer.logProbability(words) / words.length;
}
