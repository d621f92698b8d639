import {
  type Attack,
  cosineLayer,
  givenTargets,
  type Prior,
  type Progress,
  type Solution,
  tag as tagDistance,
} from "@recon/core";
import { checkOptions, flag, oneOf, positive, real } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import type { TextDomain } from "../domain.ts";
import { lampSearch } from "./lamp/lamp-search.ts";
import { languageScorer } from "./lamp/language-loss.ts";
import { meanOverArrays } from "./lamp/mean-over-arrays.ts";
import { poolerTerm } from "./lamp/pooler-term.ts";
import { relaxable, relaxedNeeds, solutionOf } from "./lamp/relaxed-attack.ts";
import { type RelaxedProblem, relaxedProblem } from "./lamp/relaxed-problem.ts";

export interface LampOptions {
  /** How gradients are compared: layer by layer by their angle, or by squared and absolute differences; `cosine` unless said. */
  readonly variant?: "cosine" | "l1l2";
  /** Adam's first rate, in root mean squares of the table's entries; .4 unless said. */
  readonly rate?: number;
  /** Weight of (mean |x| / m − 1)², m being the mean size of the victim's embeddings; 1 or, by differences, 25 unless said. */
  readonly norm?: number;
  /** Weight of the language model's loss a token among orders; .2 or, by differences, 60 unless said. */
  readonly language?: number;
  /** Whether what entered the pooler is read off the gradient first and matched too; not unless said. */
  readonly pooler?: boolean;
  /** Weight of that term, .5 unless said. */
  readonly featureWeight?: number;
}

const checks = {
  variant: oneOf(["cosine", "l1l2"]),
  rate: positive(),
  norm: real(0),
  language: real(0),
  pooler: flag(),
  featureWeight: positive(),
};

/** Weights of the published attack, by the kind of its loss. */
const published = {
  cosine: { norm: 1, language: 0.2, discrepancy: () => meanOverArrays(cosineLayer()) },
  l1l2: { norm: 25, language: 60, discrepancy: () => tagDistance({ amount: 0.01 }) },
} as const;

/**
 * LAMP: embeddings are moved by Adam so that their gradient matches, and now and then their order is changed to one that matches or reads better.
 *
 *     L = d(g, g*) + c_norm (mean |x| / m − 1)²;  orders are compared by d(g, g*) + c_lm · language loss of the nearest ids
 *
 * With `pooler`, d gains c (1 − cos²) between what enters the pooler for the candidate and what the gradient says entered it, assigned to the texts anew on the way.
 *
 * It is told the classes, the lengths and the table of embeddings with its vocabulary: a generous setting, which its `given` says.
 *
 * @param priors of which a model of language is taken; without one orders are compared by the gradient alone.
 * @throws ReconError `bad-option`.
 * @see Balunović et al., "LAMP: extracting text from gradients with language model priors", NeurIPS 2022.
 */
export function lamp(options: LampOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("lamp", options, checks);
  const { variant = "cosine", rate = 0.4, pooler = false, featureWeight = 0.5 } = options;
  const { norm = published[variant].norm, language = published[variant].language } = options;
  const name = pooler ? "lamp-pooler" : "lamp";
  return {
    name,
    options: {
      variant,
      rate,
      norm,
      language,
      pooler,
      ...(pooler && { featureWeight }),
      priors: priors.map((prior) => prior.name),
    },
    cite: "Balunović et al., LAMP: Extracting Text from Gradients with Language Model Priors, NeurIPS 2022",
    needs: relaxedNeeds,
    applies: relaxable,
    run: async function* (problem, context): AsyncGenerator<Progress | Solution, void> {
      const relaxed = relaxedProblem(problem) as RelaxedProblem;
      const { value: target } = givenTargets(problem, relaxed.places.length) as { readonly value: NdArray };
      const features = pooler ? await poolerTerm(problem, context, featureWeight) : undefined;
      const search = {
        relaxed,
        target,
        discrepancy: published[variant].discrepancy(),
        features: features && "values" in features ? features : undefined,
        normWeight: norm,
        language: languageScorer(priors, problem.domain as TextDomain),
        languageWeight: language,
        rate,
      };
      const events = lampSearch(search, context);
      for (;;) {
        const { value: event, done } = await events.next();
        if (!done) {
          yield { ...event, message: name };
          continue;
        }
        yield await solutionOf(problem, context, {
          input: relaxed.project(event.embeddings),
          target,
          relaxed,
          ended: event.ended,
          evaluations: event.evaluations,
          trace: event.trace,
          explanation: features && "reason" in features ? `Without a feature term: ${features.reason}.` : undefined,
        });
        return;
      }
    },
  };
}
