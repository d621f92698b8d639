import { type Model, modelState } from "@recon/core";
import { input, type Tensor, type Tensors, topologicalOrder } from "@recon/engine";

/** Where a model turns ids into vectors. */
export interface Embedding {
  /** Name of the table among the model's parameters or buffers, [V, H]. */
  readonly table: string;
  /** Whether its gradient is part of an observation. */
  readonly trained: boolean;
  /** V, rows of the table. */
  readonly rows: number;
  /** H, numbers of a row. */
  readonly width: number;
  /** Whether the table has another use in the forward pass, as where the head shares it. */
  readonly shared: boolean;
}

/**
 * The embedding of a model: the reading of rows of a parameter or buffer by indices that derive from the input, found in the graph and not by a name.
 *
 * @returns the embedding, or a clause that says why there is no single one.
 */
export function embeddingOf(model: Model): Embedding | { readonly reason: string } {
  const state = modelState(model);
  const arrays: Tensors = Object.fromEntries(
    Object.entries(state).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const ids = input("input", [1, ...model.input.shape]);
  const output = model.forward(arrays, { input: ids }, "eval");
  const lookups = lookupsBehind(output, ids);
  const tables = new Set(lookups.map((node) => node.inputs[0]!));
  const [table] = tables;
  if (table === undefined) return { reason: `${model.name} reads no table by its input` };
  if (tables.size > 1)
    return { reason: `${model.name} reads ${tables.size} tables by its input, so no single one holds its embeddings` };
  const name = Object.keys(arrays).find((key) => arrays[key] === table);
  if (name === undefined || table.shape.length !== 2) {
    return { reason: `the table that ${model.name} reads by its input is computed, and not one of its arrays` };
  }
  const own = new Set(lookups);
  const shared = topologicalOrder([output]).some((node) => !own.has(node) && node.inputs.includes(table));
  const [rows, width] = table.shape as [number, number];
  return { table: name, trained: model.parameters[name] !== undefined, rows, width, shared };
}

/** All readings of rows whose indices depend on `ids`, in the order in which data passes through them. */
export function lookupsBehind(output: Tensor, ids: Tensor): Tensor[] {
  const dependent = new Set<Tensor>([ids]);
  const found: Tensor[] = [];
  for (const node of topologicalOrder([output])) {
    if (!node.inputs.some((operand) => dependent.has(operand))) continue;
    const indices = node.op.name === "gather" && node.attributes.axis === 0 ? node.inputs[1] : undefined;
    if (indices !== undefined && dependent.has(indices) && !dependent.has(node.inputs[0]!)) found.push(node);
    dependent.add(node);
  }
  return found;
}

/** Whether a node depends on another. */
export function dependsOn(node: Tensor, other: Tensor): boolean {
  return topologicalOrder([node]).includes(other);
}
