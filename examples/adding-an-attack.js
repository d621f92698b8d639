import { cosine, definePlugin, gradientMatching, lbfgs, recoveredTargets, squared } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";

const discrepancies = { squared, cosine };

/** Gradient matching by L-BFGS: argmin over x̂ of d(F(x̂), y) + R(x̂), with targets read off the gradient first. */
export function quickMatching(options = {}, priors = []) {
  checkOptions("quick-matching", options, { distance: oneOf(["squared", "cosine"]), restarts: integer(1) });
  const { distance = "squared", restarts = 4 } = options;
  return gradientMatching({
    name: "quick-matching",
    cite: "Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019",
    options: { distance, restarts },
    discrepancy: () => discrepancies[distance](),
    priors: () => priors,
    targets: recoveredTargets,
    solver: () => lbfgs({ valueTolerance: 1e-12 }),
    restarts,
  });
}

export default definePlugin({
  specVersion: 1,
  name: "matching",
  attacks: { "quick-matching": (options, { priors }) => quickMatching(options, priors) },
});
