import type { Tensor } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";

/** Computes one node on the active backend from the tensors of its operands. What it allocates beside its result is tidied away by the caller. */
export type TfjsRule = (tf: Tfjs, inputs: readonly TfjsTensor[], node: Tensor) => TfjsTensor;

/** The rules of a family of ops, by the name of the op. */
export type TfjsRules = Readonly<Record<string, TfjsRule>>;

/** A number among a node's attributes. */
export const numberOf = (node: Tensor, attribute: string): number => node.attributes[attribute] as number;

/** A list of numbers among a node's attributes, as a fresh array. */
export const numbersOf = (node: Tensor, attribute: string): number[] => [
  ...(node.attributes[attribute] as readonly number[]),
];

/** True where the active backend has a kernel of that name. */
export const hasKernel = (tf: Tfjs, kernel: string): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined;
