import { type Model, modelState, ReconError } from "@recon/core";
import { constant, input, rewrite, sizeOf, type Tensor } from "@recon/engine";
import { dependsOn, type Embedding, lookupsBehind } from "./embedding.ts";

/**
 * The continuous twin of a model of ids: its input is what the embedding would have given, [B, T, H] with T the greatest of the told lengths, so that a search can
 * move it by small steps.
 *
 *     relaxed(E[ids]) = model(ids)
 *
 * The reading of the table is replaced in the graph by the input. What else depends on ids, such as the mask of places that hold none, is that of texts of the told
 * lengths. A table that has no other use is no part of the twin: there is no gradient by it.
 *
 * @param lengths of the texts of the batch, in its order.
 * @throws ReconError `not-relaxable` when the loss itself reads ids; `shape` when a batch has more texts than lengths were told.
 */
export function relaxedModel(model: Model, embedding: Embedding, lengths: readonly number[]): Model {
  const { table, width, rows, shared } = embedding;
  const longest = Math.max(...lengths);
  checkLoss(model, longest);
  const parameters = without(model.parameters, table);
  const buffers = shared
    ? { ...model.buffers, [table]: { shape: [rows, width] } }
    : without(model.buffers ?? {}, table);
  return {
    ...model,
    name: `${model.name}, relaxed`,
    parameters,
    buffers,
    input: { shape: [longest, width] },
    init: (rng) => {
      const all = model.init(rng);
      return shared ? all : without(all, table);
    },
    forward: (arrays, data, mode) => {
      const [batch] = data.input!.shape as [number];
      if (batch > lengths.length) {
        throw new ReconError(
          "shape",
          `${model.name}, relaxed: ${batch} texts, but only ${lengths.length} lengths were told.`,
        );
      }
      const ids = input("ids", [batch, longest]);
      const all = { [table]: input(table, [rows, width]), ...arrays };
      const output = model.forward(all, { ...data, input: ids }, mode);
      const lookups = new Set(lookupsBehind(output, ids));
      const places = constant(filledPlaces(lengths.slice(0, batch), longest), [batch, longest]);
      const replace = (node: Tensor, original: Tensor): Tensor =>
        original === ids ? places : lookups.has(original) ? data.input! : node;
      return rewrite({ inputs: {}, outputs: { output } }, replace).outputs.output!;
    },
  };
}

/** 0 where a text has an id, −1 where it has ended, [B, T]. */
function filledPlaces(lengths: readonly number[], longest: number): Float64Array {
  return Float64Array.from({ length: lengths.length * longest }, (_, i) =>
    i % longest < lengths[Math.floor(i / longest)]! ? 0 : -1,
  );
}

/** Refuses a loss that compares with ids, as one of the next token does: between two ids there is no loss. */
function checkLoss(model: Model, length: number): void {
  const ids = input("ids", [1, length]);
  const arrays = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const shape = model.forward(arrays, { input: ids }, "eval").shape;
  const data = { input: ids, target: input("target", [1, ...model.target.shape]) };
  if (sizeOf(shape) > 0 && !dependsOn(model.loss(input("output", shape), data), ids)) return;
  throw new ReconError(
    "not-relaxable",
    `The loss of ${model.name} reads the ids themselves, so it has no value between them. Use an attack on ids, such as dager.`,
  );
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
