import { type Graph, nodesOf, rewrite } from "../graph.ts";
import { matmul } from "../ops/matmul.ts";
import { reshape, sum, transpose } from "../ops/shape.ts";
import { concat, pad, slice } from "../ops/slice.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { elementwise } from "./elementwise.ts";

const numbers = (node: Tensor, name: string): readonly number[] => node.attributes[name] as readonly number[];
const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis - 1);

/** A smaller share of the nodes is not worth a sweep over all of them. */
const fewest = 0.01;

/** Whether the first axis has one element and at least two others follow. */
const leads = ({ shape }: Tensor): boolean => shape.length > 2 && shape[0] === 1;

/** x without its first axis. */
function dropped(x: Tensor): Tensor {
  const shape = x.shape.slice(1);
  const source = x.op.name === "reshape" ? x.inputs[0] : undefined;
  return source !== undefined && source.shape.join() === shape.join() ? source : reshape(x, shape);
}

/** The operands of a node that meets them by broadcasting, without the first axis where they have it. */
const droppedAll = (node: Tensor): Tensor[] =>
  node.inputs.map((operand) => (operand.shape.length === node.shape.length ? dropped(operand) : operand));

/** The node with the first axis gone; undefined where the op means something else by it. */
type Rule = (node: Tensor) => Tensor | undefined;

const withShape =
  (attributes: (node: Tensor) => Tensor["attributes"] | undefined): Rule =>
  (node) => {
    const changed = leads(node) ? attributes(node) : undefined;
    return changed && { ...node, inputs: droppedAll(node), attributes: changed, shape: node.shape.slice(1) };
  };

const same = withShape(({ attributes }) => attributes);
const overAxes = withShape((node) => {
  const axes = numbers(node, "axes");
  return axes.includes(0) ? undefined : { ...node.attributes, axes: shifted(axes) };
});

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries([...elementwise].map((name) => [name, same])),
  softmax: same,
  logSoftmax: same,
  standardise: overAxes,
  inverseDeviation: overAxes,
  sum: (node) => {
    if (!leads(node.inputs[0]!)) return undefined;
    const axes = numbers(node, "axes").filter((axis) => axis > 0);
    return sum(dropped(node.inputs[0]!), shifted(axes), node.attributes.keep === true);
  },
  matmul: (node) => {
    if (!leads(node)) return undefined;
    const [a, b] = droppedAll(node);
    return matmul(a!, b!, node.attributes);
  },
  transpose: (node) => {
    const order = numbers(node, "order");
    return leads(node) && order[0] === 0 ? transpose(dropped(node.inputs[0]!), shifted(order.slice(1))) : undefined;
  },
  slice: (node) =>
    leads(node.inputs[0]!) && leads(node)
      ? slice(dropped(node.inputs[0]!), numbers(node, "starts").slice(1), node.shape.slice(1))
      : undefined,
  pad: (node) => {
    if (!leads(node) || !leads(node.inputs[0]!)) return undefined;
    const before = numbers(node, "before");
    const after: Shape = node.shape.map((extent, i) => extent - before[i]! - node.inputs[0]!.shape[i]!);
    return pad(dropped(node.inputs[0]!), before.slice(1), after.slice(1));
  },
  concat: (node) => {
    const axis = node.attributes.axis as number;
    return leads(node) && axis > 0 ? concat(node.inputs.map(dropped), axis - 1) : undefined;
  },
};

/**
 * Computes on the rows of a batch of one: a leading axis of one element goes from every node that does not need it, and with it the changes of shape before and
 * after each product of matrices, which then adds what follows by itself.
 *
 * Nodes that keep the axis, convolutions for instance, get changes of shape around them; the caller takes the result where it has fewer nodes.
 */
export function dropUnitAxis(graph: Graph): Graph {
  const nodes = nodesOf(graph);
  if (nodes.filter(leads).length <= fewest * nodes.length) return graph;
  return rewrite(graph, (node) => {
    const less = rules[node.op.name]?.(node);
    return less === undefined ? node : reshape(less, node.shape);
  });
}
