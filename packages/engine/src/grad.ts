import { accumulate } from "./accumulate.ts";
import { EngineError } from "./errors.ts";
import { topologicalOrder } from "./graph.ts";
import { scalar } from "./ops/leaf.ts";
import { zerosLike } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Vector-Jacobian product: Σₖ (∂yₖ/∂x)ᵀ cₖ for every x, as new nodes over the same graph, so that it can be differentiated again.
 *
 * @param outputs y₁, y₂, … of any shape.
 * @param cotangents c₁, c₂, … of the shapes of the outputs.
 * @param inputs the x; zeros come back for one that no output depends on.
 * @throws EngineError `shape` when cotangents do not fit.
 */
export function vjp(outputs: readonly Tensor[], cotangents: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const contributions = new Map<Tensor, Tensor[]>();
  const contribute = (node: Tensor, cotangent: Tensor): void => {
    const known = contributions.get(node);
    if (known === undefined) contributions.set(node, [cotangent]);
    else known.push(cotangent);
  };
  outputs.forEach((output, k) => {
    const cotangent = cotangents[k];
    if (cotangent === undefined || cotangent.shape.join() !== output.shape.join()) {
      throw new EngineError("shape", `vjp: cotangent ${k} must have shape [${output.shape.join(", ")}].`);
    }
    contribute(output, cotangent);
  });
  const order = topologicalOrder(outputs);
  const wanted = new Set(inputs);
  // Nothing flows into nodes that do not lead to a wanted input.
  const relevant = new Set<Tensor>();
  for (const node of order)
    if (wanted.has(node) || node.inputs.some((input) => relevant.has(input))) relevant.add(node);
  const adjoints = new Map<Tensor, Tensor>();
  for (const node of order.reverse()) {
    const known = contributions.get(node);
    if (known === undefined || !relevant.has(node)) continue;
    // Every node that uses this one has been seen, so nothing more will come.
    const cotangent = accumulate(known);
    if (wanted.has(node)) adjoints.set(node, cotangent);
    if (!node.inputs.some((input) => relevant.has(input))) continue;
    node.op.vjp(node, cotangent).forEach((contribution, i) => {
      const input = node.inputs[i]!;
      if (contribution !== null && relevant.has(input)) contribute(input, contribution);
    });
  }
  return inputs.map((x) => adjoints.get(x) ?? zerosLike(x));
}

/**
 * Gradient of a scalar: ∂y/∂x for every x, as new nodes over the same graph.
 *
 * @throws EngineError `shape` when y is not a scalar.
 */
export function grad(y: Tensor, inputs: readonly Tensor[]): Tensor[] {
  if (y.shape.length !== 0)
    throw new EngineError(
      "shape",
      `grad: only a scalar has a gradient; this has shape [${y.shape.join(", ")}]. Use vjp.`,
    );
  return vjp([y], [scalar(1)], inputs);
}
