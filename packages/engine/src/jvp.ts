import { EngineError } from "./errors.ts";
import { grad, vjp } from "./grad.ts";
import { topologicalOrder } from "./graph.ts";
import { input } from "./ops/leaf.ts";
import { zerosLike } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Jacobian-vector product: Σₓ (∂y/∂x) ẋ for every y, as new nodes over the same graph, so that it can be differentiated again.
 *
 * One sweep from the inputs to the outputs, whatever the number of outputs.
 *
 * @param outputs y₁, y₂, … of any shape.
 * @param inputs x₁, x₂, …; any nodes of the graph, which then count as independent.
 * @param tangents ẋ₁, ẋ₂, … of the shapes of the inputs.
 * @throws EngineError `shape` when tangents do not fit.
 */
export function jvp(outputs: readonly Tensor[], inputs: readonly Tensor[], tangents: readonly Tensor[]): Tensor[] {
  const known = new Map<Tensor, Tensor>();
  inputs.forEach((x, k) => {
    const tangent = tangents[k];
    if (tangent === undefined || tangent.shape.join() !== x.shape.join())
      throw new EngineError("shape", `jvp: tangent ${k} must have shape [${x.shape.join(", ")}].`);
    known.set(x, tangent);
  });
  for (const node of topologicalOrder(outputs)) {
    if (known.has(node) || !node.inputs.some((operand) => known.has(operand))) continue;
    const moved = node.inputs.map((operand) => known.get(operand) ?? null);
    const tangent = node.op.jvp === undefined ? transposedTwice(node, moved) : node.op.jvp(node, moved);
    if (tangent !== null) known.set(node, tangent);
  }
  return outputs.map((y) => known.get(y) ?? zerosLike(y));
}

/** The tangent from `vjp` alone: x̄ = Jᵀ c is linear in c, and the adjoint of that map is J. */
function transposedTwice(node: Tensor, tangents: readonly (Tensor | null)[]): Tensor | null {
  const c = input("cotangent", node.shape);
  const adjoints = node.op.vjp(node, c).map((adjoint, i) => ({ adjoint, tangent: tangents[i] ?? null }));
  const present = adjoints.flatMap(({ adjoint, tangent }) =>
    adjoint === null || tangent === null ? [] : [{ adjoint, tangent }],
  );
  if (present.length === 0) return null;
  return vjp(
    present.map(({ adjoint }) => adjoint),
    present.map(({ tangent }) => tangent),
    [c],
  )[0]!;
}

/**
 * Hessian-vector product: (∂²y/∂x²) ẋ for a scalar y, forward over reverse, without ever forming the Hessian.
 *
 * @param inputs x₁, x₂, …; the Hessian is that of all of them together.
 * @param tangents ẋ₁, ẋ₂, … of the shapes of the inputs.
 * @throws EngineError `shape` when y is not a scalar or tangents do not fit.
 */
export function hvp(y: Tensor, inputs: readonly Tensor[], tangents: readonly Tensor[]): Tensor[] {
  return jvp(grad(y, inputs), inputs, tangents);
}
