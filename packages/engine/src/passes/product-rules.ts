/** Identities of matrix products and convolutions. */
import { mul, neg } from "../ops/arithmetic.ts";
import { uniformValue } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { full } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { scaledBySingle } from "./arithmetic-rules.ts";
import type { Rule, Rules } from "./simplify.ts";

/** x where a node is the transposition of x's last two axes. */
function untransposed(node: Tensor): Tensor | undefined {
  if (node.op.name !== "transpose") return undefined;
  const order = node.attributes.order as readonly number[];
  const rank = order.length;
  const swapsLast = order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
  return swapsLast ? node.inputs[0] : undefined;
}

/** The product transposes its operands itself. */
const productOfTransposed: Rule = (node) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
  const [left, right] = [untransposed(a), untransposed(b)];
  if (left === undefined && right === undefined) return undefined;
  return matmul(left ?? a, right ?? b, {
    transposeA: left === undefined ? transposeA : !transposeA,
    transposeB: right === undefined ? transposeB : !transposeB,
  });
};

const productWithZero: Rule = (node) =>
  node.inputs.some((input) => uniformValue(input) === 0) ? full(0, node.shape) : undefined;

/** f(s x, y) = s f(x, y) for a bilinear f and a single number s, where the result is no larger than x. */
const singleOutOfProduct: Rule = (node, usedOnce) => {
  for (let i = 0; i < 2; i++) {
    const operand = node.inputs[i]!;
    if (sizeOf(node.shape) > sizeOf(operand.shape)) continue;
    const withOperand = (x: Tensor): Tensor => ({
      ...node,
      inputs: node.inputs.map((input, k) => (k === i ? x : input)),
    });
    if (operand.op.name === "neg" && usedOnce(operand)) return neg(withOperand(operand.inputs[0]!));
    const found = scaledBySingle(operand, usedOnce);
    if (found !== undefined) return mul(withOperand(found.x), found.s);
  }
  return undefined;
};

/** Identities of products, by op. */
export const productRules: Rules = {
  matmul: [productWithZero, productOfTransposed, singleOutOfProduct],
  conv: [productWithZero, singleOutOfProduct],
  convInputGradient: [productWithZero, singleOutOfProduct],
  convFilterGradient: [productWithZero, singleOutOfProduct],
};
