import {
  type Attack,
  chain,
  composeDefences,
  cosineDecay,
  descent,
  gradientMatching,
  likelihood,
  type Prior,
  projectBox,
  recoveredTargets,
  scale,
  scaleByAdam,
} from "@recon/core";
import { checkOptions, integer, positive, real } from "@recon/core/options";
import { sizeOf } from "@recon/engine";
import { totalVariation } from "../priors/total-variation.ts";
import { zeros } from "./zeros.ts";

export interface MaximumAPosterioriOptions {
  /** Nats a unit of gradient magnitude at every place, where no priors are given: about 2 / mean |∇x| of photographs. */
  readonly tv?: number;
  /** Adam's largest step, in units of the normalised image. */
  readonly rate?: number;
  readonly restarts?: number;
}

/**
 * The most probable image under the channel's own likelihood and a prior: argmin −log p(y | F(x̂)) − log p(x̂), by Adam in the box.
 *
 * With known Gaussian noise the data term is ‖F(x̂) − y‖² / 2σ², so that the weight of the prior is a statement about images and not a knob.
 */
export function maximumAPosteriori(options: MaximumAPosterioriOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("maximumAPosteriori", options, { tv: real(0), rate: positive(), restarts: integer(1) });
  const { tv = 3, rate = 0.1, restarts = 1 } = options;
  return gradientMatching({
    name: "map",
    cite: "maximum a posteriori estimation under the channel's likelihood",
    options: { tv, rate, restarts, priors: priors.map((prior) => prior.name) },
    needs: ["defenceParams"],
    applies: ({ defences, observation }) =>
      composeDefences(defences).channel?.likelihood?.(observation) === undefined
        ? { reason: "the channel states no likelihood" }
        : true,
    discrepancy: ({ defences, observation }) => likelihood({ defence: composeDefences(defences), observation }),
    priors: ({ model, knowledge }) => {
      if (priors.length > 0) return priors;
      // `totalVariation` is a mean over all entries of the batch; the likelihood is a sum.
      const entries = sizeOf(model.input.shape) * (knowledge.batchSize as number);
      return [totalVariation({ weight: tv * entries, p: 2, q: 0.5 })];
    },
    targets: recoveredTargets,
    solver: ({ box }) =>
      descent({
        update: chain(scaleByAdam(), scale(cosineDecay({ rate, warmUp: 50 }))),
        ...(box && { project: projectBox(box) }),
      }),
    start: zeros,
    restarts,
  });
}
