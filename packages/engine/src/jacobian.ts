/** Products with a graph's Jacobian as graphs of their own: compiled once, they multiply any number of vectors. */
import { EngineError } from "./errors.ts";
import { vjp } from "./grad.ts";
import { type Graph, graph } from "./graph.ts";
import { jvp } from "./jvp.ts";
import { input } from "./ops/leaf.ts";
import type { Tensor, Tensors } from "./tensor.ts";

function selected(of: Tensors, names: readonly string[] | undefined, what: string): Record<string, Tensor> {
  return Object.fromEntries(
    (names ?? Object.keys(of)).map((name) => {
      const node = of[name];
      if (node === undefined) {
        const known = Object.keys(of).join(", ");
        throw new EngineError("unknown-name", `The graph has no ${what} "${name}"; it has ${known}. Use one of those.`);
      }
      if (node.dtype !== "float") {
        throw new EngineError("dtype", `The ${what} "${name}" holds ${node.dtype}; only float has derivatives.`);
      }
      return [name, node];
    }),
  );
}

const symbolsLike = (nodes: Tensors, prefix: string): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, input(`${prefix}${name}`, node.shape)]));

const prefixed = (nodes: Tensors, prefix: string): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(nodes).map(([name, node]) => [`${prefix}${name}`, node]));

const floats = (nodes: Tensors): string[] => Object.keys(nodes).filter((name) => nodes[name]!.dtype === "float");

/** What of a graph's Jacobian is meant: all floating-point inputs and outputs unless named. */
export interface JacobianOptions {
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

/**
 * J v as a graph: its inputs are those of the graph and a `tangent/x` for every x, its outputs Σₓ (∂y/∂x) vₓ under the names of the outputs.
 *
 * @throws EngineError `unknown-name` or `dtype`.
 */
export function jacobianVector(g: Graph, options: JacobianOptions = {}): Graph {
  const xs = selected(g.inputs, options.inputs ?? floats(g.inputs), "input");
  const ys = selected(g.outputs, options.outputs ?? floats(g.outputs), "output");
  const tangents = symbolsLike(xs, "tangent/");
  const products = jvp(Object.values(ys), Object.values(xs), Object.values(tangents));
  return graph(
    { ...g.inputs, ...prefixed(tangents, "tangent/") },
    Object.fromEntries(Object.keys(ys).map((name, i) => [name, products[i]!])),
  );
}

/**
 * Jᵀ c as a graph: its inputs are those of the graph and a `cotangent/y` for every y, its outputs Σᵧ (∂y/∂x)ᵀ cᵧ under the names of the inputs.
 *
 * @throws EngineError `unknown-name` or `dtype`.
 */
export function vectorJacobian(g: Graph, options: JacobianOptions = {}): Graph {
  const xs = selected(g.inputs, options.inputs ?? floats(g.inputs), "input");
  const ys = selected(g.outputs, options.outputs ?? floats(g.outputs), "output");
  const cotangents = symbolsLike(ys, "cotangent/");
  const products = vjp(Object.values(ys), Object.values(cotangents), Object.values(xs));
  return graph(
    { ...g.inputs, ...prefixed(cotangents, "cotangent/") },
    Object.fromEntries(Object.keys(xs).map((name, i) => [name, products[i]!])),
  );
}
