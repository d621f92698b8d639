import { recoveredTargets, type TargetEstimate } from "@recon/core";

/**
 * Targets as told, or read off the head exactly, for searches with a cosine loss; refuses where they would have to be searched for.
 *
 * The gradient of a squared error is linear in the residual ŷ − y, and the cosine does not see its scale: it is the same for all y on the line from ŷ through the
 * truth, so that no search with it finds real targets.
 */
export const settledTargets: TargetEstimate = (problem, batch) => {
  const found = recoveredTargets(problem, batch);
  if ("value" in found || problem.model.target.kind !== "real") return found;
  return {
    reason: `a cosine loss does not see the scale of the residual between prediction and target, so that real targets must be told or read off exactly first, and ${found.reason}`,
  };
};
