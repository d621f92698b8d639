import type { Arrays } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Defence } from "../problem.ts";
import type { Discrepancy } from "./discrepancy.ts";

export interface LikelihoodOptions {
  /** The channel whose likelihood is used: the last one the observation passed through. */
  readonly defence: Defence;
  /** What was observed, from which the scale of relative noise is read. */
  readonly observation: Arrays;
}

/**
 * d = −log p(o | g) of the channel itself, up to a constant: the statistically right discrepancy where the channel states one.
 *
 * @throws ReconError `no-likelihood` when the defence has no channel or its channel states no likelihood.
 */
export function likelihood({ defence, observation }: LikelihoodOptions): Discrepancy {
  const stated = defence.channel?.likelihood?.(observation);
  if (stated === undefined) {
    throw new ReconError(
      "no-likelihood",
      `The defence "${defence.name}" states no likelihood. Choose another discrepancy, such as squared or cosine.`,
    );
  }
  return {
    name: `likelihood of ${defence.name}`,
    options: { defence: defence.name, options: defence.options, proper: stated.proper },
    distance: (candidate, observed) => stated.negativeLog(candidate, observed),
  };
}
