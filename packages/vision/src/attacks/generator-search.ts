import {
  type Attack,
  chain,
  composeDefences,
  cosine,
  cosineDecay,
  descent,
  gradientMatching,
  likelihood,
  type Prior,
  recoveredTargets,
  scale,
  scaleByAdam,
} from "@recon/core";
import { checkOptions, integer, positive } from "@recon/core/options";
import { deepImagePrior } from "../priors/deep-image-prior.ts";

export interface GeneratorSearchOptions {
  /** Adam's largest step, in units of the generator's free variables. */
  readonly rate?: number;
  readonly restarts?: number;
}

/**
 * Matching over the free variables of a generator: argmin over θ of d(F(G(θ)), y), by Adam; the deep image prior unless another generator is given.
 *
 * The discrepancy is the channel's likelihood where it states one, else the cosine.
 *
 * @see Zhang et al., Generative Gradient Inversion via Over-Parameterized Networks (CI-Net), 2023; Jeon et al., GIAS, NeurIPS 2021.
 */
export function generatorSearch(options: GeneratorSearchOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("generatorSearch", options, { rate: positive(), restarts: integer(1) });
  const { rate = 3e-3, restarts = 1 } = options;
  const used = priors.some((prior) => prior.kind === "generator") ? priors : [...priors, deepImagePrior()];
  return gradientMatching({
    name: "generator-search",
    cite: "Jeon et al., Gradient Inversion with Generative Image Prior, NeurIPS 2021",
    options: { rate, restarts, priors: used.map((prior) => prior.name) },
    discrepancy: ({ defences, observation }) => {
      const defence = composeDefences(defences);
      return defence.channel?.likelihood === undefined ? cosine() : likelihood({ defence, observation });
    },
    priors: () => used,
    targets: recoveredTargets,
    solver: () => descent({ update: chain(scaleByAdam(), scale(cosineDecay({ rate, warmUp: 20 }))) }),
    restarts,
  });
}
