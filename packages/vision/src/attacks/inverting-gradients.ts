import {
  type Attack,
  chain,
  cosine,
  descent,
  gradientMatching,
  hardSign,
  type Prior,
  projectBox,
  recoveredTargets,
  scale,
  scaleByAdam,
  stepDecay,
} from "@recon/core";
import { checkOptions, integer, positive, real } from "@recon/core/options";
import { totalVariation } from "../priors/total-variation.ts";

export interface InvertingGradientsOptions {
  /** Weight of total variation, where no priors are given. */
  readonly tv?: number;
  /** Adam's step, in units of the normalised image. */
  readonly rate?: number;
  readonly restarts?: number;
}

/**
 * Inverting gradients: 1 − cos(∇ℓ(x̂, y), g) + total variation, by Adam on the sign of the gradient, projected onto the box.
 *
 * The step falls tenfold at 3/8, 5/8 and 7/8 of the budget.
 *
 * @see Geiping, Bauermeister, Dröge & Moeller, Inverting Gradients, NeurIPS 2020.
 */
export function invertingGradients(options: InvertingGradientsOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("invertingGradients", options, { tv: real(0), rate: positive(), restarts: integer(1) });
  const { tv = 0.2, rate = 0.1, restarts = 1 } = options;
  return gradientMatching({
    name: "inverting-gradients",
    cite: "Geiping et al., Inverting Gradients: How easy is it to break privacy in federated learning?, NeurIPS 2020",
    options: { tv, rate, restarts, priors: priors.map((prior) => prior.name) },
    discrepancy: () => cosine(),
    priors: () => (priors.length > 0 ? priors : [totalVariation({ weight: tv })]),
    targets: recoveredTargets,
    solver: ({ box }) =>
      descent({
        update: chain(hardSign(), scaleByAdam(), scale(stepDecay({ rate }))),
        ...(box && { project: projectBox(box) }),
      }),
    restarts,
  });
}
