import { EngineError } from "../errors.ts";
import { add, div, mul, square } from "../ops/arithmetic.ts";
import { sqrt } from "../ops/unary.ts";
import { chain } from "./chain.ts";
import type { Optimiser } from "./optimiser.ts";
import { scale } from "./scale.ts";
import type { Schedule } from "./schedule.ts";
import { decayWeights } from "./sgd.ts";

export interface AdamMoments {
  /** Decay β₁ of the first moment, in [0, 1). */
  readonly beta1?: number;
  /** Decay β₂ of the second moment, in [0, 1). */
  readonly beta2?: number;
  /** Added to √v̂. */
  readonly epsilon?: number;
}

/**
 * Adam's direction: u ← m̂ / (√v̂ + ε), m ← β₁m + (1 − β₁)u, v ← β₂v + (1 − β₂)u², bias-corrected; no learning rate.
 *
 * @throws EngineError `bad-option` unless β₁ and β₂ are in [0, 1) and ε ≥ 0.
 * @see Kingma and Ba, ICLR 2015, algorithm 1.
 */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamMoments = {}): Optimiser {
  for (const [name, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1))
      throw new EngineError("bad-option", `Option "${name}" must be at least 0 and below 1, not ${value}.`);
  }
  if (!(epsilon >= 0)) throw new EngineError("bad-option", `Option "epsilon" must be at least 0, not ${epsilon}.`);
  return {
    name: "adam",
    options: { beta1, beta2, epsilon },
    slots: ["first", "second"],
    // 1 − βᵗ loses half of its digits in float32 at β = .999 and small t, so it is not computed in the program.
    numbers: ({ step }) => ({
      correction1: 1 / (1 - beta1 ** (step + 1)),
      correction2: 1 / (1 - beta2 ** (step + 1)),
    }),
    update: ({ direction, state, numbers }) => {
      const first = add(mul(state.first!, beta1), mul(direction, 1 - beta1));
      const second = add(mul(state.second!, beta2), mul(square(direction), 1 - beta2));
      const spread = add(sqrt(mul(second, numbers.correction2!)), epsilon);
      return { direction: div(mul(first, numbers.correction1!), spread), state: { first, second } };
    },
  };
}

export interface AdamOptions extends AdamMoments {
  readonly rate: number | Schedule;
  /** λ: of ½ λ‖p‖² added to the gradient in `adam`, of the decoupled decay in `adamW`. */
  readonly weightDecay?: number;
}

/** Adam on ∇f + λ p: p ← p − rate · m̂ / (√v̂ + ε). @throws EngineError `bad-option`. @see Kingma and Ba, ICLR 2015. */
export function adam({ rate, weightDecay = 0, ...moments }: AdamOptions): Optimiser {
  const decay = weightDecay === 0 ? [] : [decayWeights(weightDecay)];
  return { ...chain(...decay, scaleByAdam(moments), scale(rate)), name: "adam" };
}

/**
 * Adam with decoupled weight decay: p ← p − rate (m̂ / (√v̂ + ε) + λ p).
 *
 * @throws EngineError `bad-option`.
 * @see Loshchilov and Hutter, ICLR 2019, algorithm 2.
 */
export function adamW({ rate, weightDecay = 0.01, ...moments }: AdamOptions): Optimiser {
  return { ...chain(scaleByAdam(moments), decayWeights(weightDecay), scale(rate)), name: "adamW" };
}
