import {
  type Attack,
  chain,
  cosine,
  descent,
  gradientMatching,
  hardSign,
  type Prior,
  projectBox,
  scale,
  scaleByAdam,
  stepDecay,
} from "@recon/core";
import { type Checks, checkOptions, integer, positive, real } from "@recon/core/options";
import { settledTargets } from "./settled-targets.ts";
import { totalVariation } from "./total-variation.ts";
import { uniformStart } from "./uniform-start.ts";

export interface InvertingGradientsOptions {
  /** Adam's step, .005 unless said. */
  readonly rate?: number;
  /** Weight of total variation, 0 unless said: it misleads on spiky series. */
  readonly tv?: number;
  /** Starts, 1 unless said. */
  readonly restarts?: number;
}

const checks: Checks<InvertingGradientsOptions> = { rate: positive(), tv: real(0), restarts: integer(1) };

/**
 * Inverting gradients: 1 − cos(∇ℓ(x̂, y), g) by Adam on the sign of the gradient, in the box; the step falls tenfold at 3/8, 5/8 and 7/8 of the budget.
 *
 * Targets are told or read off exactly first: a cosine does not see the scale of a residual.
 *
 * @throws ReconError `bad-option`.
 * @see Geiping, Bauermeister, Dröge & Moeller, Inverting Gradients, NeurIPS 2020.
 */
export function invertingGradients(options: InvertingGradientsOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("invertingGradients", options, checks);
  const { rate = 0.005, tv = 0, restarts = 1 } = options;
  return gradientMatching({
    name: "inverting-gradients",
    cite: "Geiping et al., Inverting Gradients: How easy is it to break privacy in federated learning?, NeurIPS 2020",
    options: { rate, tv, restarts, priors: priors.map(({ name }) => name) },
    discrepancy: () => cosine(),
    priors: () => priors,
    ...(tv > 0 && { penalties: async () => [totalVariation(tv)] }),
    targets: settledTargets,
    solver: ({ box }) =>
      descent({
        update: chain(hardSign(), scaleByAdam(), scale(stepDecay({ rate }))),
        ...(box && { project: projectBox(box) }),
      }),
    start: uniformStart,
    restarts,
  });
}
