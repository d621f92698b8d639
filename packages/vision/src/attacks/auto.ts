import { type Attack, automatic, exactAttacks, fedavg, type Prior } from "@recon/core";
import { powerSpectrum } from "../priors/power-spectrum.ts";
import { totalVariation } from "../priors/total-variation.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";

/** Closed forms first, then the search that fits: through the steps of local training, by the likelihood that the channel states, else by the cosine. */
export function auto(priors: readonly Prior[] = []): Attack {
  return automatic({
    exact: exactAttacks(),
    search: [...throughLocalSteps(priors), maximumAPosteriori({}, priors), invertingGradients({}, priors)],
  });
}

/** With the given priors; without any, coloured images by their power spectrum and others by their total variation. */
function throughLocalSteps(priors: readonly Prior[]): readonly Attack[] {
  if (priors.length > 0) return [fedavg({ only: "search" }, priors)];
  const coloured = fedavg({ only: "search" }, [powerSpectrum()]);
  return [
    {
      ...coloured,
      applies: (problem) =>
        problem.model.input.shape[0] === 3 ? coloured.applies(problem) : { reason: "it is for images in colour" },
    },
    fedavg({ only: "search" }, [totalVariation({ weight: 0.05 })]),
  ];
}
