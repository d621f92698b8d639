import { sub } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { type Arrays, type NdArray, type Precision, type Shape, sizeOf, type Tensor, type Tensors } from "../tensor.ts";
import type { Optimiser, StepPosition } from "./optimiser.ts";

/** Name of what an optimiser remembers of a parameter. */
export const slotName = (parameter: string, slot: string): string => `${parameter}/${slot}`;

/** One step of every parameter: p ← p − u; state under `parameter/slot`. */
export function applyOptimiser(
  optimiser: Optimiser,
  parameters: Tensors,
  gradients: Tensors,
  state: Tensors,
  numbers: Tensors,
): { readonly parameters: Tensors; readonly state: Tensors } {
  const moved: Record<string, Tensor> = {};
  const next: Record<string, Tensor> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const own = Object.fromEntries(optimiser.slots.map((slot) => [slot, state[slotName(name, slot)]!]));
    const update = optimiser.update({ parameter, direction: gradients[name]!, state: own, numbers });
    moved[name] = sub(parameter, update.direction);
    for (const slot of optimiser.slots) next[slotName(name, slot)] = update.state[slot]!;
  }
  return { parameters: moved, state: next };
}

/** Inputs for what an optimiser remembers, `prefix/parameter/slot`, by `parameter/slot`. */
export function stateInputs(optimiser: Optimiser, parameters: Tensors, prefix: string): Tensors {
  const entries = Object.entries(parameters).flatMap(([name, { shape }]) =>
    optimiser.slots.map((slot) => [slotName(name, slot), input(`${prefix}/${slotName(name, slot)}`, shape)] as const),
  );
  return Object.fromEntries(entries);
}

/** What an optimiser remembers before its first step: zeros. */
export function initialState(
  optimiser: Optimiser,
  parameters: Readonly<Record<string, { readonly shape: Shape }>>,
  precision: Precision,
): Arrays {
  const zeros = (shape: Shape): NdArray => ({
    shape,
    data: precision === "float32" ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape)),
  });
  const entries = Object.entries(parameters).flatMap(([name, { shape }]) =>
    optimiser.slots.map((slot) => [slotName(name, slot), zeros(shape)] as const),
  );
  return Object.fromEntries(entries);
}

/** Names of the numbers that an optimiser is fed every step. */
export function numberNames(optimiser: Optimiser): readonly string[] {
  return Object.keys(optimiser.numbers({ step: 0, steps: 1 }));
}

/** The numbers of one step, scalars in float64. */
export function numberArrays(optimiser: Optimiser, at: StepPosition): Arrays {
  return Object.fromEntries(
    Object.entries(optimiser.numbers(at)).map(([name, value]) => [name, { shape: [], data: Float64Array.of(value) }]),
  );
}
