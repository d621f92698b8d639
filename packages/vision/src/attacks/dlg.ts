import { type Attack, gradientMatching, lbfgs, type Prior, recoveredTargets, squared } from "@recon/core";
import { checkOptions, integer } from "@recon/core/options";

export interface DlgOptions {
  /** Independent starts; the method is bimodal, so one is a gamble. */
  readonly restarts?: number;
  /** Curvature pairs of L-BFGS. */
  readonly history?: number;
}

const dlgChecks = { restarts: integer(1), history: integer(1) };

/**
 * Deep leakage from gradients: ½‖∇ℓ(x̂, softmax t̂) − g‖² by L-BFGS over the image and the label logits together.
 *
 * A strong-Wolfe line search and several starts take the place of the fixed step of the original.
 *
 * @see Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019.
 */
export function dlg(options: DlgOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("dlg", options, dlgChecks);
  const { restarts = 8, history = 100 } = options;
  return gradientMatching({
    name: "dlg",
    cite: "Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019",
    options: { restarts, history, priors: priors.map((prior) => prior.name) },
    discrepancy: () => squared(),
    priors: () => priors,
    targets: "joint",
    solver: () => lbfgs({ history, valueTolerance: 1e-6 }),
    restarts,
  });
}

/**
 * Improved deep leakage: as `dlg`, with the label read off the head's gradient first.
 *
 * @see Zhao, Mopuri & Bilen, iDLG, 2020.
 */
export function idlg(options: DlgOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("idlg", options, dlgChecks);
  const { restarts = 8, history = 100 } = options;
  return gradientMatching({
    name: "idlg",
    cite: "Zhao, Mopuri & Bilen, iDLG: Improved Deep Leakage from Gradients, 2020",
    options: { restarts, history, priors: priors.map((prior) => prior.name) },
    discrepancy: () => squared(),
    priors: () => priors,
    targets: recoveredTargets,
    solver: () => lbfgs({ history, valueTolerance: 1e-6 }),
    restarts,
  });
}
