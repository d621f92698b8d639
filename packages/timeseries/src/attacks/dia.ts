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

export interface DiaOptions {
  /** Adam's step, .1 unless said. */
  readonly rate?: number;
  /** Weight of total variation, 1e-6 unless said. */
  readonly tv?: number;
  /** Starts, 1 unless said. */
  readonly restarts?: number;
}

const checks: Checks<DiaOptions> = { rate: positive(), tv: real(0), restarts: integer(1) };

/**
 * Dropout inversion: 1 − cos(∇ℓ(x̂, y; m̂), g) + total variation over inputs and the masks m of the units that the client left out, by Adam on the sign of the
 * gradient, in the box. Masks are relaxed to the range of what the client draws and start at their mean.
 *
 * Without dropout it is inverting gradients with a larger step. Targets are told or read off exactly first: a cosine does not see the scale of a residual.
 *
 * @throws ReconError `bad-option`.
 * @see Scheliga, Mäder & Seeland, Dropout Is NOT All You Need to Prevent Gradient Leakage, AAAI 2023.
 */
export function dia(options: DiaOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("dia", options, checks);
  const { rate = 0.1, tv = 1e-6, restarts = 1 } = options;
  return gradientMatching({
    name: "dia",
    cite: "Scheliga, Mäder & Seeland, Dropout Is NOT All You Need to Prevent Gradient Leakage, AAAI 2023",
    options: { rate, tv, restarts, priors: priors.map(({ name }) => name) },
    discrepancy: () => cosine(),
    priors: () => priors,
    ...(tv > 0 && { penalties: async () => [totalVariation(tv)] }),
    nuisances: "search",
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
