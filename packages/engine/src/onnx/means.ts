import { uniformValue } from "../ops/leaf.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** (Σ x, other) in the order in which a product has them. */
function sumTimes({ inputs }: Tensor): { sum: Tensor; factor: number } | undefined {
  const [a, b] = inputs as [Tensor, Tensor];
  const [sum, other] = a.op.name === "sum" ? [a, b] : [b, a];
  const factor = uniformValue(other);
  return sum.op.name === "sum" && factor !== undefined ? { sum, factor } : undefined;
}

/**
 * Products (1/n) Σ x with n the number of terms, by the product: the runtime divides while it sums.
 *
 * @param nodes every node after its inputs.
 * @param uses how many nodes and outputs read a node.
 * @returns the sum that each product holds.
 */
export function meansOf(nodes: readonly Tensor[], uses: ReadonlyMap<Tensor, number>): ReadonlyMap<Tensor, Tensor> {
  const means = new Map<Tensor, Tensor>();
  for (const node of nodes) {
    const found = node.op.name === "mul" ? sumTimes(node) : undefined;
    if (found === undefined || uses.get(found.sum) !== 1 || found.sum.shape.join() !== node.shape.join()) continue;
    const terms = sizeOf(found.sum.inputs[0]!.shape) / sizeOf(node.shape);
    if (Math.abs(found.factor * terms - 1) < 1e-15) means.set(node, found.sum);
  }
  return means;
}
