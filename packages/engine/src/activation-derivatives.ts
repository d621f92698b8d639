import { grad } from "./grad.ts";
import { type Graph, graph, topologicalOrder } from "./graph.ts";
import type { Layer } from "./layers.ts";
import { input, scalar, uniformValue } from "./ops/leaf.ts";
import { full, sum } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A layer's activation s and its derivatives as a graph of their own, whatever s is: input `z` [points], outputs `d0` = s(z), `d1` = s′(z), … up to
 * `order`, each [points]. Interpret it, or compile it once for many points.
 *
 * Derivatives are those of the graph's own rules, so that s′ of a ReLU is its step and s″ of it zero.
 *
 * @returns undefined where no single node holds the layer's activation.
 */
export function activationDerivatives(layer: Layer, order: number, points: number): Graph | undefined {
  const bare = layer.output === layer.preActivation;
  if (bare && layer.activation.name !== "identity") return undefined;
  const z = input("z", [points]);
  const outputs: Record<string, Tensor> = { d0: bare ? z : onVector(layer.output, layer.preActivation, z) };
  for (let k = 1; k <= order; k++) outputs[`d${k}`] = grad(sum(outputs[`d${k - 1}`]!), [z])[0]!;
  return graph({ z }, outputs);
}

/** The part of a graph between `from` and `to`, whose nodes are all elementwise, rebuilt over a vector that stands for `from`. */
function onVector(to: Tensor, from: Tensor, vector: Tensor): Tensor {
  const rebuilt = new Map<Tensor, Tensor>([[from, vector]]);
  for (const node of topologicalOrder([to])) {
    if (rebuilt.has(node)) continue;
    const fixed = uniformValue(node);
    if (fixed !== undefined) {
      const value = scalar(fixed);
      rebuilt.set(node, node.dtype === "float" ? value : { ...value, dtype: node.dtype });
      continue;
    }
    const inputs = node.inputs.map((operand) => rebuilt.get(operand));
    // What lies before z is not needed.
    if (inputs.length === 0 || inputs.some((operand) => operand === undefined)) continue;
    const operands = inputs as Tensor[];
    rebuilt.set(node, node.op.name === "reshape" ? operands[0]! : { ...node, inputs: operands, shape: vector.shape });
  }
  return rebuilt.get(to) ?? full(Number.NaN, vector.shape);
}
