/** Identities of matrix products and convolutions. */
import { uniformValue } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { full } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";
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

/** Identities of products, by op. */
export const productRules: Rules = {
  matmul: [productWithZero, productOfTransposed],
  conv: [productWithZero],
  convInputGradient: [productWithZero],
  convFilterGradient: [productWithZero],
};
