import { input, sizeOf, type Tensor, topologicalOrder } from "@recon/engine";
import type { CapacityNetwork } from "./minimum-cut.ts";

/** The nodes of a graph that move with some of its inputs, and along which operands they do. */
export interface Dependence {
  /** Every node after its operands. */
  readonly nodes: readonly Tensor[];
  readonly indexOf: ReadonlyMap<Tensor, number>;
  /** Capacities are numbers of entries; edges lead from an operand to what moves with it. */
  readonly network: CapacityNetwork;
}

/**
 * What of `outputs` moves with `source`, as a network whose nodes carry their number of entries.
 *
 * An edge stands for a derivative that is not zero by rule: comparisons, signs and the places of maxima are constant where they are differentiable
 * at all, so nothing flows through them.
 *
 * @param capacityOf entries of a node, where fewer of them are seen than it has.
 */
export function dependence(
  outputs: readonly Tensor[],
  source: Tensor,
  capacityOf: (node: Tensor) => number = (node) => sizeOf(node.shape),
): Dependence {
  const nodes: Tensor[] = [];
  const indexOf = new Map<Tensor, number>();
  const successors: number[][] = [];
  const add = (node: Tensor): number => {
    const index = nodes.push(node) - 1;
    indexOf.set(node, index);
    successors.push([]);
    return index;
  };
  for (const node of topologicalOrder(outputs)) {
    if (node === source) {
      add(node);
      continue;
    }
    const moved = node.inputs.some((operand) => indexOf.has(operand));
    if (!moved || node.dtype !== "float") continue;
    const adjoints = node.op.vjp(node, input("cotangent", node.shape));
    const operands = new Set(node.inputs.filter((operand, k) => indexOf.has(operand) && adjoints[k] != null));
    if (operands.size === 0) continue;
    const index = add(node);
    for (const operand of operands) successors[indexOf.get(operand)!]!.push(index);
  }
  return { nodes, indexOf, network: { capacities: nodes.map(capacityOf), successors } };
}

/** The nodes that a path from the first node reaches without passing `without`. */
export function reachable({ nodes, network }: Dependence, from: Tensor, without?: Tensor): ReadonlySet<Tensor> {
  const reached = new Set<Tensor>(from === without ? [] : [from]);
  // Nodes come after their operands, so that one pass is enough.
  nodes.forEach((node, index) => {
    if (!reached.has(node)) return;
    for (const next of network.successors[index]!) if (nodes[next] !== without) reached.add(nodes[next]!);
  });
  return reached;
}
