import type { Model } from "@recon/core";
import { input, topologicalOrder } from "@recon/engine";

/**
 * The name of the table of positions among a model's trained parameters: the matrix of which as many rows are read as the input has places; undefined where there is
 * none, or inputs are too short to tell.
 */
export function trainedPositionTable(model: Model): string | undefined {
  const [longest] = model.input.shape as [number];
  const state = { ...model.parameters, ...model.buffers };
  const arrays = Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, input(name, shape)]));
  if (longest < 3) return undefined;
  // Two lengths, for a matrix of which one row is always read is no table of positions; both below the greatest, at which a table may be read as a whole.
  const readAt = (length: number): ReadonlyMap<string, number> => {
    const output = model.forward(arrays, { input: input("input", [1, length]) }, "eval");
    const read = new Map<string, number>();
    for (const node of topologicalOrder([output])) {
      const source = node.inputs[0];
      if (node.op.name !== "slice" || source?.op.name !== "input" || source.shape.length !== 2) continue;
      read.set(source.attributes.name as string, node.shape[0]!);
    }
    return read;
  };
  const [long, short] = [readAt(longest - 1), readAt(1)];
  return Object.keys(model.parameters).find((name) => long.get(name) === longest - 1 && short.get(name) === 1);
}
