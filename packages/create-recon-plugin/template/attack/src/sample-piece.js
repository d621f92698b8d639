import { gradientMatching, lbfgs, recoveredTargets, squared } from "@recon/core";
import { checkOptions, integer } from "@recon/core/options";

/**
 * Gradient matching by L-BFGS: argmin over x̂ of ½ ‖F(x̂) − y‖² + R(x̂), with targets read off the gradient first.
 *
 * A place to start: an attack is a composition of a discrepancy, priors, a solver, and a citation. `gradientMatching` brings the certificate, the budget and the honest verdict along.
 *
 * @param {{ restarts?: number }} options `restarts`: independent starts, at least 1; 4 unless said.
 * @param {readonly import("@recon/core").Prior[]} priors Those of the audit file.
 * @returns {import("@recon/core").Attack}
 */
export function samplePiece(options = {}, priors = []) {
  checkOptions("sample-piece", options, { restarts: integer(1) });
  const { restarts = 4 } = options;
  return gradientMatching({
    name: "sample-piece",
    cite: "Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019",
    options: { restarts },
    discrepancy: () => squared(),
    priors: () => priors,
    targets: recoveredTargets,
    solver: () => lbfgs({ valueTolerance: 1e-12 }),
    restarts,
  });
}
