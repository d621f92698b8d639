import type { Rng, StructureScorer } from "@recon/core";
import { columnsOf, type FeatureTable } from "../../../graphs/feature-table.ts";
import { decodeGraph, type LabelledGraph } from "../../../graphs/labelled-graph.ts";
import type { AtomKinds } from "./atom-kinds.ts";
import { type MoveOptions, moved } from "./moves.ts";

/** Moves of a walk from a chain, for every node of it. */
const movesPerNode = 3;

/** Graphs of the given sizes to start from: draws of a prior, or walks from chains of carbon atoms on which nothing was observed. */
export function startingGraphs(
  sizes: readonly number[],
  table: FeatureTable,
  moves: MoveOptions,
  scorer: StructureScorer | undefined,
  rng: Rng,
): LabelledGraph[] {
  const features = columnsOf(table);
  return sizes.map((size, i) => {
    const own = rng.split(`start ${i}`);
    if (scorer !== undefined) return decodeGraph(scorer.sample([size, features + size], own), table);
    let graph = chain(size, moves.kinds);
    for (let step = 0; step < movesPerNode * size; step++)
      graph = moved(graph, { ...moves, resize: false }, own) ?? graph;
    return graph;
  });
}

/** Saturated carbon atoms in a row. */
function chain(size: number, { options, read }: AtomKinds): LabelledGraph {
  const nodes = Array.from({ length: size }, (_, i) => {
    const degree = Number(i > 0) + Number(i < size - 1);
    const all = options(degree, false);
    const carbon = all.find((choices) => {
      const { element, charge, hydrogens } = read(choices);
      return element === "C" && charge === 0 && hydrogens === 4 - degree;
    });
    return carbon ?? all[0]!;
  });
  return { nodes, edges: Array.from({ length: size - 1 }, (_, i) => [i, i + 1] as const) };
}
