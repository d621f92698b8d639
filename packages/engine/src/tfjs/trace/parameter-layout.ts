import { type Graph, graph, nodesOf, rewrite } from "../../graph.ts";
import { interpret } from "../../interpret.ts";
import { input } from "../../ops/leaf.ts";
import type { Arrays, NdArray, Tensor } from "../../tensor.ts";

/** A graph whose parameters are stored as they are used, and how arrays get from the old layout into the new one. */
export interface StoredAsUsed {
  readonly graph: Graph;
  /** Arrays by parameter name, in the layout before, as float32 in the layout after. @throws EngineError `missing-input`, `shape`. */
  readonly convert: (arrays: Arrays) => Readonly<Record<string, NdArray>>;
}

/**
 * Replaces every parameter that is only ever used transposed in one way (and reshaped after) by an input that is stored that way.
 *
 * @param parameters names of the inputs that may be stored differently.
 */
export function storeAsUsed(g: Graph, parameters: readonly string[]): StoredAsUsed {
  const consumers = new Map<Tensor, Tensor[]>();
  for (const node of nodesOf(g)) {
    for (const operand of new Set(node.inputs)) consumers.set(operand, [...(consumers.get(operand) ?? []), node]);
  }
  const outputs = new Set(Object.values(g.outputs));

  /** The nodes that stand for the parameter as it is used: all of them the same movements of it. */
  function usesOf(parameter: Tensor): readonly Tensor[] {
    let current: readonly Tensor[] = [parameter];
    for (;;) {
      if (current.some((node) => outputs.has(node))) return current;
      const next = current.flatMap((node) => consumers.get(node) ?? []);
      const first = next[0];
      if (first === undefined || !next.every((node) => isSameMovement(node, first))) return current;
      // A bias that is only reshaped stays the vector that it is.
      if (first.op.name === "reshape" && current[0] === parameter) return current;
      current = next;
    }
  }

  const before = Object.fromEntries(parameters.map((name) => [name, g.inputs[name]!]));
  const used = Object.fromEntries(parameters.map((name) => [name, usesOf(before[name]!)]));
  const after = Object.fromEntries(parameters.map((name) => [name, input(name, used[name]![0]!.shape)]));
  const replacement = new Map(parameters.flatMap((name) => used[name]!.map((node) => [node, after[name]!] as const)));
  const rewritten = rewrite(g, (node, original) => replacement.get(original) ?? node);
  const layout = graph(before, Object.fromEntries(parameters.map((name) => [name, used[name]![0]!])));
  return {
    graph: graph({ ...g.inputs, ...after }, rewritten.outputs),
    convert: (arrays) =>
      Object.fromEntries(
        Object.entries(interpret(layout, arrays)).map(([name, { shape, data }]) => [
          name,
          { shape, data: Float32Array.from(data) },
        ]),
      ),
  };
}

function isSameMovement(node: Tensor, other: Tensor): boolean {
  return (
    (node.op.name === "transpose" || node.op.name === "reshape") &&
    node.op.name === other.op.name &&
    node.shape.join() === other.shape.join() &&
    JSON.stringify(node.attributes) === JSON.stringify(other.attributes)
  );
}
