/** Identities of elementwise arithmetic. */
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { broadcastShapes } from "../ops/indexing.ts";
import { uniformValue } from "../ops/leaf.ts";
import { broadcastTo, full } from "../ops/shape.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { Rule, Rules } from "./simplify.ts";

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

/** Whether `node` would keep its shape with `operand` in the place of its i-th operand. */
function keepsShape(node: Tensor, i: number, operand: Tensor): boolean {
  const shapes = node.inputs.map((input, k) => (k === i ? operand.shape : input.shape));
  return sameShape(broadcastShapes(node.op.name, ...shapes), node.shape);
}

/** Broadcasting is what elementwise ops do anyway: repetition, and unit axes in front, are left to them. */
const implicitBroadcast: Rule = (node) => {
  for (let i = 0; i < node.inputs.length; i++) {
    const operand = node.inputs[i]!;
    const source = operand.inputs[0];
    if (source === undefined) continue;
    const leadingUnits =
      operand.op.name === "reshape" &&
      source.shape.length < operand.shape.length &&
      sameShape(
        [...new Array<number>(operand.shape.length - source.shape.length).fill(1), ...source.shape],
        operand.shape,
      );
    if ((operand.op.name === "broadcastTo" || leadingUnits) && keepsShape(node, i, source)) {
      return { ...node, inputs: node.inputs.map((input, k) => (k === i ? source : input)) };
    }
  }
  return undefined;
};

/** The operands as (number, other) where one is a number everywhere. */
function withNumber(node: Tensor): { value: number; other: Tensor } | undefined {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const right = uniformValue(b);
  if (right !== undefined) return { value: right, other: a };
  const left = uniformValue(a);
  return left === undefined ? undefined : { value: left, other: b };
}

const inner = (node: Tensor, name: string): readonly Tensor[] | undefined =>
  node.op.name === name ? node.inputs : undefined;

/** (x, s) where a node that nothing else reads is x times a single number. */
export function scaledBySingle(
  node: Tensor,
  usedOnce: (operand: Tensor) => boolean,
): { x: Tensor; s: Tensor } | undefined {
  if (node.op.name !== "mul" || !usedOnce(node)) return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  if (b.shape.length === 0 && a.shape.length > 0) return { x: a, s: b };
  return a.shape.length === 0 && b.shape.length > 0 ? { x: b, s: a } : undefined;
}

/** (s x) y = s (x y), so that single numbers meet and become one. */
const singlesOutwards: Rule = (node, usedOnce) => {
  for (const [operand, other] of [node.inputs, [...node.inputs].reverse()] as [Tensor, Tensor][]) {
    const found = other.shape.length > 0 ? scaledBySingle(operand, usedOnce) : undefined;
    if (found !== undefined && sameShape(found.x.shape, node.shape)) return mul(mul(found.x, other), found.s);
  }
  return undefined;
};

/** s x ± s y = s (x ± y). */
const commonSingle: Rule = (node, usedOnce) => {
  const [left, right] = node.inputs.map((operand) => scaledBySingle(operand, usedOnce));
  if (left === undefined || right === undefined || left.s !== right.s) return undefined;
  if (!sameShape(left.x.shape, node.shape) || !sameShape(right.x.shape, node.shape)) return undefined;
  return mul({ ...node, inputs: [left.x, right.x] }, left.s);
};

/** (−x) y = −(x y). */
const signOutwards: Rule = (node, usedOnce) => {
  for (const [operand, other] of [node.inputs, [...node.inputs].reverse()] as [Tensor, Tensor][]) {
    if (operand.op.name === "neg" && usedOnce(operand) && sameShape(operand.shape, node.shape))
      return neg(mul(operand.inputs[0]!, other));
  }
  return undefined;
};

const mulRules: readonly Rule[] = [
  (node) => {
    const found = withNumber(node);
    if (found === undefined) return undefined;
    const { value, other } = found;
    if (value === 0) return full(0, node.shape);
    if (value === 1) return broadcastTo(other, node.shape);
    if (value === -1 && sameShape(other.shape, node.shape)) return neg(other);
    const negated = inner(other, "neg");
    if (negated !== undefined && sameShape(other.shape, node.shape)) return mul(negated[0]!, -value);
    const product = other.op.name === "mul" && sameShape(other.shape, node.shape) ? withNumber(other) : undefined;
    if (product !== undefined && sameShape(product.other.shape, node.shape))
      return mul(product.other, product.value * value);
    return undefined;
  },
  ({ inputs: [a, b] }) => {
    const [left, right] = [inner(a!, "neg"), inner(b!, "neg")];
    return left !== undefined && right !== undefined ? mul(left[0]!, right[0]!) : undefined;
  },
  // (large · small) · small: the small ones first.
  (node, usedOnce) => {
    for (const [product, factor] of [node.inputs, [...node.inputs].reverse()] as [Tensor, Tensor][]) {
      if (product.op.name !== "mul" || !usedOnce(product) || sizeOf(factor.shape) >= sizeOf(node.shape)) continue;
      const [a, b] = product.inputs as [Tensor, Tensor];
      const [large, small] = sizeOf(a.shape) >= sizeOf(b.shape) ? [a, b] : [b, a];
      if (!sameShape(large.shape, node.shape) || sizeOf(small.shape) >= sizeOf(node.shape)) continue;
      const both = mul(small, factor);
      if (sizeOf(both.shape) < sizeOf(node.shape)) return mul(both, large);
    }
    return undefined;
  },
];

const addRules: readonly Rule[] = [
  (node) => {
    const found = withNumber(node);
    return found?.value === 0 ? broadcastTo(found.other, node.shape) : undefined;
  },
  ({ inputs: [a, b] }) => (a === b ? mul(a!, 2) : undefined),
  ({ inputs: [a, b] }) => {
    const right = inner(b!, "neg");
    if (right !== undefined) return sub(a!, right[0]!);
    const left = inner(a!, "neg");
    return left === undefined ? undefined : sub(b!, left[0]!);
  },
];

const subRules: readonly Rule[] = [
  (node) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    if (a === b) return full(0, node.shape);
    if (uniformValue(b) === 0) return broadcastTo(a, node.shape);
    if (uniformValue(a) === 0 && sameShape(b.shape, node.shape)) return neg(b);
    const negated = inner(b, "neg");
    return negated === undefined ? undefined : add(a, negated[0]!);
  },
];

const divRules: readonly Rule[] = [
  (node) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    const divisor = uniformValue(b);
    if (divisor === 1) return broadcastTo(a, node.shape);
    // The reciprocal of a power of two is exact.
    if (divisor !== undefined && divisor !== 0 && Number.isInteger(Math.log2(Math.abs(divisor))))
      return mul(a, 1 / divisor);
    return uniformValue(a) === 0 ? full(0, node.shape) : undefined;
  },
  ({ inputs: [a, b] }) => {
    const [left, right] = [inner(a!, "neg"), inner(b!, "neg")];
    return left !== undefined && right !== undefined ? div(left[0]!, right[0]!) : undefined;
  },
];

const negRules: readonly Rule[] = [
  ({ inputs: [x] }) => inner(x!, "neg")?.[0],
  ({ inputs: [x] }) => {
    const quotient = inner(x!, "div");
    const negated = quotient === undefined ? undefined : inner(quotient[0]!, "neg");
    return quotient === undefined || negated === undefined ? undefined : div(negated[0]!, quotient[1]!);
  },
  ({ inputs: [x] }, usedOnce) => {
    if (!usedOnce(x!)) return undefined;
    const difference = inner(x!, "sub");
    if (difference !== undefined) return sub(difference[1]!, difference[0]!);
    const found = x!.op.name === "mul" ? withNumber(x!) : undefined;
    return found !== undefined && sameShape(found.other.shape, x!.shape) ? mul(found.other, -found.value) : undefined;
  },
];

const selectRules: readonly Rule[] = [
  (node) => {
    const [condition, a, b] = node.inputs as [Tensor, Tensor, Tensor];
    if (a === b) return broadcastTo(a, node.shape);
    const known = uniformValue(condition);
    return known === undefined ? undefined : broadcastTo(known === 0 ? b : a, node.shape);
  },
];

/** Identities of elementwise arithmetic, by op. */
export const arithmeticRules: Rules = {
  mul: [implicitBroadcast, ...mulRules, singlesOutwards, signOutwards],
  add: [implicitBroadcast, ...addRules, commonSingle],
  sub: [implicitBroadcast, ...subRules, commonSingle],
  div: [implicitBroadcast, ...divRules],
  neg: negRules,
  select: [implicitBroadcast, ...selectRules],
  greater: [implicitBroadcast],
  greaterEqual: [implicitBroadcast],
  equal: [implicitBroadcast],
  // Derivatives have been taken by the time a graph is optimised.
  stopGradient: [({ inputs: [x] }) => x],
};
