import { EngineError } from "./errors.ts";
import { type Graph, nodesOf } from "./graph.ts";
import { type Arrays, type NdArray, sizeOf, type Tensor } from "./tensor.ts";

/**
 * Runs a graph in float64 by calling each op's own definition, node by node: slow, obvious, the reference for every executor and rule.
 *
 * @throws EngineError `missing-input` or `shape`.
 */
export function interpret(graph: Graph, inputs: Arrays): Record<string, NdArray & { readonly data: Float64Array }> {
  const values = new Map<Tensor, Float64Array>();
  for (const [name, node] of Object.entries(graph.inputs)) {
    const array = inputs[name];
    if (array === undefined)
      throw new EngineError("missing-input", `Input "${name}" of shape [${node.shape.join(", ")}] was not given.`);
    if (array.shape.join() !== node.shape.join() || array.data.length !== sizeOf(node.shape)) {
      throw new EngineError(
        "shape",
        `Input "${name}" must have shape [${node.shape.join(", ")}], not [${array.shape.join(", ")}].`,
      );
    }
    values.set(node, Float64Array.from(array.data));
  }
  for (const node of nodesOf(graph)) {
    if (values.has(node)) continue;
    values.set(
      node,
      node.op.evaluate(
        node,
        node.inputs.map((input) => values.get(input)!),
      ),
    );
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, { shape: node.shape, data: values.get(node)! }]),
  );
}
