import { EngineError } from "../errors.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { chain } from "./chain.ts";
import type { Optimiser } from "./optimiser.ts";
import { scale } from "./scale.ts";
import type { Schedule } from "./schedule.ts";

export interface MomentumOptions {
  /** Decay μ of the velocity, in [0, 1). */
  readonly decay: number;
  /** Look ahead by one step of the velocity. */
  readonly nesterov?: boolean;
}

/**
 * v ← μ v + u, then u ← v, or u ← u + μ v where it looks ahead.
 *
 * @throws EngineError `bad-option` unless 0 ≤ μ < 1.
 * @see Sutskever et al., ICML 2013, "On the importance of initialization and momentum in deep learning".
 */
export function momentum({ decay, nesterov = false }: MomentumOptions): Optimiser {
  if (!(decay >= 0 && decay < 1))
    throw new EngineError("bad-option", `Momentum must be at least 0 and below 1, not ${decay}.`);
  return {
    name: "momentum",
    options: { decay, nesterov },
    slots: ["velocity"],
    numbers: () => ({}),
    update: ({ direction, state }) => {
      const velocity = add(mul(state.velocity!, decay), direction);
      return { direction: nesterov ? add(direction, mul(velocity, decay)) : velocity, state: { velocity } };
    },
  };
}

/**
 * u ← u + λ p. Before momentum or Adam it is the gradient of ½ λ‖p‖²; after Adam it is decoupled from the adaptive scale.
 *
 * @throws EngineError `bad-option` unless λ ≥ 0.
 * @see Loshchilov and Hutter, ICLR 2019, "Decoupled weight decay regularization".
 */
export function decayWeights(decay: number): Optimiser {
  if (!(decay >= 0 && Number.isFinite(decay)))
    throw new EngineError("bad-option", `Weight decay must be at least 0 and finite, not ${decay}.`);
  return {
    name: "decay",
    options: { decay },
    slots: [],
    numbers: () => ({}),
    update: ({ direction, parameter }) => ({ direction: add(direction, mul(parameter, decay)), state: {} }),
  };
}

export interface SgdOptions {
  readonly rate: number | Schedule;
  /** Decay of the velocity, in [0, 1); 0, the default, keeps none. */
  readonly momentum?: number;
  /** λ of ½ λ‖p‖², added to the gradient before the momentum. */
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent: g ← ∇f + λ p, v ← μ v + g, p ← p − rate · v. @throws EngineError `bad-option`. */
export function sgd({ rate, momentum: decay = 0, weightDecay = 0, nesterov = false }: SgdOptions): Optimiser {
  if (nesterov && decay === 0)
    throw new EngineError("bad-option", "Nesterov's method needs a momentum above 0. Set one, or leave nesterov out.");
  const parts = [
    ...(weightDecay === 0 ? [] : [decayWeights(weightDecay)]),
    ...(decay === 0 ? [] : [momentum({ decay, nesterov })]),
    scale(rate),
  ];
  return { ...chain(...parts), name: "sgd" };
}
