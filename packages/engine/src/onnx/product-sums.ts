import type { Tensor } from "../tensor.ts";

/** A sum a b + c of which the product is used nowhere else. */
export interface ProductSum {
  readonly product: Tensor;
  readonly other: Tensor;
}

const isMatrixProduct = ({ op, inputs }: Tensor): boolean =>
  op.name === "matmul" && inputs.every(({ shape }) => shape.length === 2);

/** Whether x is repeated to the shape of a matrix without making that larger. */
const repeatsTo = (x: Tensor, shape: readonly number[]): boolean =>
  x.shape.length <= shape.length && x.shape.every((extent, k) => [1, shape.at(k - x.shape.length)].includes(extent));

/**
 * Sums of a product of two matrices and something else, by the sum: the runtime adds while it multiplies.
 *
 * @param nodes every node after its inputs.
 * @param uses how many nodes and outputs read a node.
 */
export function productSumsOf(
  nodes: readonly Tensor[],
  uses: ReadonlyMap<Tensor, number>,
): ReadonlyMap<Tensor, ProductSum> {
  const sums = new Map<Tensor, ProductSum>();
  for (const node of nodes) {
    if (node.op.name !== "add") continue;
    const [left, right] = node.inputs as [Tensor, Tensor];
    for (const [product, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const fits = isMatrixProduct(product) && uses.get(product) === 1;
      if (!fits || product.shape.join() !== node.shape.join() || !repeatsTo(other, node.shape)) continue;
      sums.set(node, { product, other });
      break;
    }
  }
  return sums;
}
