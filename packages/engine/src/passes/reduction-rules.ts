/** Identities of sums. */
import { mul, neg } from "../ops/arithmetic.ts";
import { uniformValue } from "../ops/leaf.ts";
import { full, reshape, sum } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { Rule, Rules } from "./simplify.ts";

const axesOf = (node: Tensor): readonly number[] => node.attributes.axes as readonly number[];

const isTotal = (node: Tensor): boolean => axesOf(node).length === node.inputs[0]!.shape.length;

const sumOfNothing: Rule = (node) => {
  const x = node.inputs[0]!;
  return axesOf(node).every((axis) => x.shape[axis] === 1) ? reshape(x, node.shape) : undefined;
};

const sumOfNumber: Rule = (node) => {
  const x = node.inputs[0]!;
  const value = uniformValue(x);
  return value === undefined ? undefined : full((value * sizeOf(x.shape)) / sizeOf(node.shape), node.shape);
};

/** Σ over everything does not care about the shape. */
const totalOfReshape: Rule = (node) => {
  const x = node.inputs[0]!;
  const moved = x.op.name === "reshape" || x.op.name === "transpose" || x.op.name === "pad";
  return moved && isTotal(node) && node.shape.length === 0 ? sum(x.inputs[0]!) : undefined;
};

const totalOfSum: Rule = (node) => {
  const x = node.inputs[0]!;
  return x.op.name === "sum" && isTotal(node) && node.shape.length === 0 ? sum(x.inputs[0]!) : undefined;
};

/** Σ −x = −Σ x, on fewer elements. */
const sumOfNegation: Rule = (node, usedOnce) => {
  const x = node.inputs[0]!;
  return x.op.name === "neg" && usedOnce(x)
    ? neg(sum(x.inputs[0]!, axesOf(node), node.attributes.keep === true))
    : undefined;
};

/** Σ s x = s Σ x for a single number s. */
const sumOfScaled: Rule = (node, usedOnce) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "mul" || !usedOnce(x)) return undefined;
  for (const [s, other] of [x.inputs, [...x.inputs].reverse()] as [Tensor, Tensor][]) {
    if (s.shape.length === 0 && other.shape.length > 0)
      return mul(sum(other, axesOf(node), node.attributes.keep === true), s);
  }
  return undefined;
};

/** Summing along an axis of repetition multiplies by its extent. */
const totalOfBroadcast: Rule = (node, usedOnce) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "broadcastTo" || !usedOnce(x) || !isTotal(node) || node.shape.length > 0) return undefined;
  const source = x.inputs[0]!;
  return mul(sum(source), sizeOf(x.shape) / sizeOf(source.shape));
};

/** Identities of sums, by op. */
export const reductionRules: Rules = {
  sum: [sumOfNothing, sumOfNumber, totalOfReshape, totalOfSum, sumOfNegation, sumOfScaled, totalOfBroadcast],
};
