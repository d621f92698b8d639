import type { Json } from "../problem.ts";
import type { Layout } from "./layout.ts";

/** Memory of a transform: named vectors, and the memories of its parts. Plain, so that a run can be saved. */
export interface TransformState {
  readonly vectors: Readonly<Record<string, Float64Array>>;
  readonly parts: readonly TransformState[];
}

/** Where in the run an update happens. */
export interface StepPosition {
  /** 0, 1, …, steps − 1. */
  readonly step: number;
  /** Planned number of steps N. */
  readonly steps: number;
  /** The objective where the gradient was taken; absent where nobody asks for it. */
  readonly value?: number;
}

/**
 * One part of a first-order method: turns a gradient into what is subtracted from x.
 *
 * `update` changes `direction` and the vectors of `state` in place (3072 unknowns at 10⁴ steps: no allocation).
 */
export interface Transform {
  readonly name: string;
  readonly options: Json;
  /** @param layout where the named arrays lie among the unknowns; one array of all of them unless given. */
  init(size: number, layout?: Layout): TransformState;
  update(direction: Float64Array, state: TransformState, at: StepPosition): void;
}

/** The memory of a transform that has none. */
export const stateless: TransformState = { vectors: {}, parts: [] };

/** Transforms one after the other: u = tₙ(… t₂(t₁(∇f))), then x ← x − u. */
export function chain(...parts: readonly Transform[]): Transform {
  return {
    name: parts.map((part) => part.name).join(" → "),
    options: parts.map((part) => ({ name: part.name, options: part.options })),
    init: (size, layout) => ({ vectors: {}, parts: parts.map((part) => part.init(size, layout)) }),
    update: (direction, state, at) => {
      parts.forEach((part, i) => {
        part.update(direction, state.parts[i]!, at);
      });
    },
  };
}
