/** What rules of `vmap` have in common: operands [K, ...shape] where they are mapped, [...shape] where they are not. */
import type { MappedOperand, Op, Tensor } from "../tensor.ts";
import { broadcastTo, reshape } from "./shape.ts";

/** Mapped with its own axes moved to the end of `rank` of them, so that they broadcast as they did; as it is where it is not mapped. */
export function alignedTo(rank: number, { tensor, mapped }: MappedOperand): Tensor {
  if (!mapped || tensor.shape.length - 1 >= rank) return tensor;
  const [count, ...own] = tensor.shape as [number, ...number[]];
  return reshape(tensor, [count, ...new Array<number>(rank - own.length).fill(1), ...own]);
}

/** [K, ...shape] of an operand, repeated where it is not mapped. */
export function allOf({ tensor, mapped }: MappedOperand, count: number): Tensor {
  return mapped ? tensor : broadcastTo(reshape(tensor, [1, ...tensor.shape]), [count, ...tensor.shape]);
}

/** The rule of ops that work element by element on operands that broadcast. */
export const mapElementwise: NonNullable<Op["map"]> = (node, operands, count) => ({
  ...node,
  inputs: operands.map((operand) => alignedTo(node.shape.length, operand)),
  shape: [count, ...node.shape],
});
