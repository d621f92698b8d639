import {
  type Attack,
  chain,
  descent,
  gradientMatching,
  lbfgs,
  type Prior,
  type Solver,
  scale,
  scaleByAdam,
  squared,
} from "@recon/core";
import { type Checks, checkOptions, integer, oneOf, positive } from "@recon/core/options";
import { uniformStart } from "./uniform-start.ts";

export interface DlgOptions {
  /** `lbfgs` with a line search unless said, or `adam`. */
  readonly optimiser?: "lbfgs" | "adam";
  /** Adam's step, .005 unless said. */
  readonly rate?: number;
  /** Starts, 1 unless said. */
  readonly restarts?: number;
}

const checks: Checks<DlgOptions> = { optimiser: oneOf(["lbfgs", "adam"]), rate: positive(), restarts: integer(1) };

/**
 * Deep leakage from gradients: ½ ‖∇ℓ(x̂, ŷ) − g‖² over inputs and targets together, by L-BFGS or Adam from uniform numbers.
 *
 * @throws ReconError `bad-option`.
 * @see Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019.
 */
export function dlg(options: DlgOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("dlg", options, checks);
  const { optimiser = "lbfgs", rate = 0.005, restarts = 1 } = options;
  const solver = (): Solver =>
    optimiser === "adam"
      ? descent({ update: chain(scaleByAdam(), scale(rate)) })
      : lbfgs({ history: 100, valueTolerance: 1e-6 });
  return gradientMatching({
    name: optimiser === "adam" ? "dlg-adam" : "dlg",
    cite: "Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019",
    options: { optimiser, rate, restarts, priors: priors.map(({ name }) => name) },
    discrepancy: () => squared(),
    priors: () => priors,
    targets: "joint",
    solver,
    start: uniformStart,
    targetStart: uniformStart,
    restarts,
  });
}
