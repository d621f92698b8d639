import {
  type Attack,
  chain,
  type Discrepancy,
  descent,
  givenTargets,
  gradientMatching,
  projectBox,
  scale,
  scaleByAdam,
  squared,
  tag as tagDistance,
} from "@recon/core";
import { checkOptions, positive, real } from "@recon/core/options";
import { throughEmbeddings } from "./lamp/relaxed-attack.ts";

export interface TextMatchingOptions {
  /** Adam's rate: how far an entry of an embedding moves in a step; .1 unless said. */
  readonly rate?: number;
}

export interface TagOptions extends TextMatchingOptions {
  /** a, what absolute differences count beside squared ones; .01 unless said. */
  readonly amount?: number;
}

/**
 * Deep leakage from gradients for texts: Σ ‖g − g*‖² over embeddings that start at N(0, 1), by Adam, rounded to the nearest ids at the end.
 *
 * @throws ReconError `bad-option`.
 * @see Zhu, Liu & Han, "Deep leakage from gradients", NeurIPS 2019.
 */
export function dlgText(options: TextMatchingOptions = {}): Attack {
  checkOptions("dlg-text", options, { rate: positive() });
  return matching("dlg-text", "Zhu, Liu & Han, Deep Leakage from Gradients, NeurIPS 2019", options, squared());
}

/**
 * As `dlgText`, with absolute differences besides: Σ ‖g − g*‖² + a ‖g − g*‖₁, first layers counting most.
 *
 * @throws ReconError `bad-option`.
 * @see Deng et al., "TAG: gradient attack on transformer-based language models", Findings of EMNLP 2021.
 */
export function tag({ amount = 0.01, ...options }: TagOptions = {}): Attack {
  checkOptions("tag", { amount, ...options }, { amount: real(0), rate: positive() });
  const cite = "Deng et al., TAG: Gradient Attack on Transformer-based Language Models, Findings of EMNLP 2021";
  return matching("tag", cite, options, tagDistance({ amount }), { amount });
}

function matching(
  name: string,
  cite: string,
  { rate = 0.1 }: TextMatchingOptions,
  discrepancy: Discrepancy,
  more: Readonly<Record<string, number>> = {},
): Attack {
  return throughEmbeddings(
    gradientMatching({
      name,
      cite,
      options: { rate, ...more },
      discrepancy: () => discrepancy,
      priors: () => [],
      targets: givenTargets,
      solver: ({ box }) =>
        descent({ update: chain(scaleByAdam(), scale(rate)), ...(box && { project: projectBox(box) }) }),
    }),
  );
}
