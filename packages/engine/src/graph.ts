import { EngineError } from "./errors.ts";
import type { Tensor, Tensors } from "./tensor.ts";

/** Named inputs and outputs over a directed acyclic graph of nodes. */
export interface Graph {
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/**
 * Nodes that the roots depend on, every node after its inputs.
 *
 * Depth-first without recursion, so that graphs of any depth work; the order is the same for the same graph.
 *
 * @param ends nodes of which it does not matter what they depend on.
 */
export function topologicalOrder(roots: Iterable<Tensor>, ends: ReadonlySet<Tensor> = new Set()): Tensor[] {
  const order: Tensor[] = [];
  const entered = new Set<Tensor>();
  // The way from a root to the node that is looked at, and how many inputs of each node on it were looked at.
  const path: Tensor[] = [];
  const looked: number[] = [];
  const enter = (node: Tensor): void => {
    if (entered.has(node)) return;
    entered.add(node);
    path.push(node);
    looked.push(0);
  };
  for (const root of roots) {
    enter(root);
    while (path.length > 0) {
      const top = path.length - 1;
      const node = path[top]!;
      const input = ends.has(node) ? undefined : node.inputs[looked[top]!++];
      if (input !== undefined) enter(input);
      else {
        order.push(path.pop()!);
        looked.pop();
      }
    }
  }
  return order;
}

/** Orders that were worked out: a graph never changes, and every pass asks for the order of the graph that it is given. */
const orders = new WeakMap<Graph, readonly Tensor[]>();

/** All nodes of a graph, every node after its inputs. */
export function nodesOf(graph: Graph): readonly Tensor[] {
  const known = orders.get(graph);
  if (known !== undefined) return known;
  const order = topologicalOrder(Object.values(graph.outputs));
  orders.set(graph, order);
  return order;
}

/** How many nodes and outputs of a graph read each of its nodes. */
export function usesOf(graph: Graph): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const node of nodesOf(graph)) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  for (const node of Object.values(graph.outputs)) uses.set(node, (uses.get(node) ?? 0) + 1);
  return uses;
}

/**
 * Makes a graph from its inputs and outputs.
 *
 * @throws EngineError `free-input` when an output depends on an input that is not named.
 */
export function graph(inputs: Tensors, outputs: Tensors): Graph {
  const named = new Set(Object.values(inputs));
  for (const node of topologicalOrder(Object.values(outputs))) {
    if (node.op.name === "input" && !named.has(node)) {
      throw new EngineError(
        "free-input",
        `The graph depends on input "${node.attributes.name}", which is not among its inputs. Add it to the inputs.`,
      );
    }
  }
  return { inputs, outputs };
}

/** Rebuilds the part of a graph below `outputs`, replacing nodes; `replace` sees each node once, with its inputs already replaced. */
export function rewrite(g: Graph, replace: (node: Tensor, original: Tensor) => Tensor): Graph {
  const replaced = new Map<Tensor, Tensor>();
  for (const node of nodesOf(g)) {
    const inputs = node.inputs.map((input) => replaced.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    replaced.set(node, replace(same ? node : { ...node, inputs }, node));
  }
  const outputs = Object.fromEntries(Object.entries(g.outputs).map(([name, node]) => [name, replaced.get(node)!]));
  return { inputs: g.inputs, outputs };
}

/** The graph as text, a line a node: `%3 = add(%1, %2) : float[4, 2]`. */
export function print(g: Graph): string {
  const order = nodesOf(g);
  const index = new Map(order.map((node, i) => [node, i]));
  const attribute = (value: unknown): string =>
    value instanceof Float64Array ? `<${value.length} numbers>` : JSON.stringify(value);
  const lines = order.map((node, i) => {
    const attributes = Object.entries(node.attributes).map(([key, value]) => `${key}=${attribute(value)}`);
    const operands = [...node.inputs.map((input) => `%${index.get(input)}`), ...attributes].join(", ");
    return `%${i} = ${node.op.name}(${operands}) : ${node.dtype}[${node.shape.join(", ")}]`;
  });
  const outputs = Object.entries(g.outputs).map(([name, node]) => `${name} = %${index.get(node)}`);
  return [...lines, `return ${outputs.join(", ")}`].join("\n");
}
