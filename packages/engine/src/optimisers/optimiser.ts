import type { Tensor, Tensors } from "../tensor.ts";

/** Where in a run a step happens. */
export interface StepPosition {
  /** 0, 1, …, steps − 1. */
  readonly step: number;
  /** Planned number of steps N. */
  readonly steps: number;
}

/** What an optimiser sees of one tensor that it moves. */
export interface UpdateSite {
  readonly parameter: Tensor;
  /** The gradient at first, then what the parts before made of it; of the parameter's shape. */
  readonly direction: Tensor;
  /** What it remembers, by slot. */
  readonly state: Tensors;
  /** Its numbers for this step, scalars. */
  readonly numbers: Tensors;
}

/** What an optimiser makes of a site. */
export interface Update {
  readonly direction: Tensor;
  readonly state: Tensors;
}

/**
 * A first-order method, or a part of one, as nodes of a graph: turns a gradient into what is subtracted from the parameter, p ← p − u.
 *
 * It is plain data and functions, so that `chain` can put parts together and a whole step becomes one program.
 */
export interface Optimiser {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean | string | null>>;
  /** What it remembers of every parameter: arrays of the parameter's shape, zero at the start. */
  readonly slots: readonly string[];
  /** What depends on the position alone, computed in float64 outside the program and fed to it: a learning rate, a bias correction. */
  numbers(at: StepPosition): Readonly<Record<string, number>>;
  update(site: UpdateSite): Update;
}
