import { type Model, ReconError, type Spec } from "@recon/core";
import type { Shape, Tensor, Tensors } from "@recon/engine";

/** Whether layers run as in training or as in evaluation. */
export type Mode = Parameters<Model["forward"]>[2];

/** Starts uniform on ± a bound that depends on the number of inputs that feed one output. */
export interface UniformSpec extends Spec {
  readonly fanIn: number;
}

/** Starts with one value everywhere. */
export interface FilledSpec extends Spec {
  readonly fill: number;
}

/** A layer fitted to the shape of its input; shapes are without the batch axis. */
export interface FittedStep {
  readonly output: Shape;
  readonly parameters: Readonly<Record<string, UniformSpec | FilledSpec>>;
  readonly buffers?: Readonly<Record<string, FilledSpec>>;
  /** @param state parameters and buffers by their own names; it may hold others. */
  apply(x: Tensor, state: Tensors, mode: Mode): Tensor;
}

/** A layer before its input is known. @throws ReconError `shape` when it does not fit, in a sentence without a subject. */
export type Step = (input: Shape) => FittedStep;

/** A layer that has none. */
export function withoutParameters(output: Shape, apply: (x: Tensor) => Tensor): FittedStep {
  return { output, parameters: {}, apply };
}

/** Channels, height and width. @throws ReconError `shape` where the input has other axes. */
export function threeAxes(input: Shape): readonly [number, number, number] {
  if (input.length !== 3) throw misfit(`it needs images [channels, height, width], not [${input.join(", ")}]`);
  return input as readonly [number, number, number];
}

/** What a layer says that does not fit. */
export function misfit(reason: string): ReconError {
  return new ReconError("shape", reason);
}
