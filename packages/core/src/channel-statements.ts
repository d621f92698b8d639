/** What a channel states of its clean input once its output is seen: types only. Also what an accountant must know of a defence. */
import type { Arrays, Tensor, Tensors } from "@recon/engine";

/** What can be said of a channel's output given its clean input. */
export interface Likelihood {
  /** −log p(observed | clean) up to a constant when `proper`; otherwise a score with the same minimisers. Scalar. */
  negativeLog(clean: Tensors, observed: Tensors): Tensor;
  readonly proper: boolean;
}

/** lower ≤ value ≤ upper, entry by entry: equal where the value is known, infinite where nothing is. */
export interface EntryBounds {
  readonly lower: Arrays;
  readonly upper: Arrays;
  /** Mean of |value| over a tensor, by name, where that is known besides. */
  readonly meanMagnitude?: Readonly<Record<string, number>>;
}

/** A step of a mechanism, as a privacy accountant sees it. */
export type MechanismStep =
  | { readonly kind: "clip"; readonly of: "each-record" | "whole-batch"; readonly bound: number }
  | {
      readonly kind: "noise";
      readonly distribution: "gaussian" | "laplace";
      /** Standard deviation on an entry of the observation; or over the clip bound, on the sum of clipped gradients. */
      readonly scale: { readonly std: number } | { readonly multiplier: number };
      /** Whether the scale is computed from the data. */
      readonly fromData?: boolean;
    }
  | { readonly kind: "looks-at-data" };
