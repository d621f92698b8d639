import type { Tensor } from "../../tensor.ts";
import type { Tfjs } from "../tfjs.ts";

/** A kernel that TensorFlow.js asked for, its tensors already symbolic. */
export interface KernelCall {
  readonly tf: Tfjs;
  /** All operands, in the order in which they were given. */
  readonly operands: readonly Tensor[];
  /** The operand of that name; undefined where TensorFlow.js may leave it out and did. */
  readonly optional: (name: string) => Tensor | undefined;
  /** The operand of that name. @throws EngineError `unsupported-op` when it is missing. */
  readonly operand: (name: string) => Tensor;
  /** The attributes, which a rule reads as the type that TensorFlow.js declares for its kernel. */
  readonly attributes: unknown;
}

/** Writes a kernel of TensorFlow.js in the engine's ops. */
export type TraceRule = (call: KernelCall) => Tensor | readonly Tensor[];

/** The rules of a family of kernels, by TensorFlow.js's name of the kernel. */
export type TraceRules = Readonly<Record<string, TraceRule>>;
