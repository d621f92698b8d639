import { EngineError } from "./errors.ts";
import { topologicalOrder } from "./graph.ts";
import { add } from "./ops/arithmetic.ts";
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
  const adjoints = new Map<Tensor, Tensor>();
  const accumulate = (node: Tensor, cotangent: Tensor): void => {
    const known = adjoints.get(node);
    adjoints.set(node, known === undefined ? cotangent : add(known, cotangent));
  };
  outputs.forEach((output, k) => {
    const cotangent = cotangents[k];
    if (cotangent === undefined || cotangent.shape.join() !== output.shape.join()) {
      throw new EngineError("shape", `vjp: cotangent ${k} must have shape [${output.shape.join(", ")}].`);
    }
    accumulate(output, cotangent);
  });
  const order = topologicalOrder(outputs);
  const wanted = new Set(inputs);
  // Nothing flows into nodes that do not lead to a wanted input.
  const relevant = new Set<Tensor>();
  for (const node of order)
    if (wanted.has(node) || node.inputs.some((input) => relevant.has(input))) relevant.add(node);
  for (const node of order.reverse()) {
    const cotangent = adjoints.get(node);
    if (cotangent === undefined || !relevant.has(node) || !node.inputs.some((input) => relevant.has(input))) continue;
    node.op.vjp(node, cotangent).forEach((contribution, i) => {
      const input = node.inputs[i]!;
      if (contribution !== null && relevant.has(input)) accumulate(input, contribution);
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
