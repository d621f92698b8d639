import type { BlindGraph } from "../domain.ts";
import type { FeatureTable } from "../graphs/feature-table.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import type { Atom } from "./molecule.ts";
import { moleculeGraph } from "./molecule-graph.ts";

/**
 * The guess about a molecule of so many atoms of someone who saw nothing: of the known ones of that size the one whose atoms are most like those of the others.
 *
 * Lists hold every molecule once, so that none is more frequent than another; the most typical one is the best single guess about features. Where no known
 * one has the size, it is an unbranched alkane.
 */
export function usualMolecule(known: () => readonly LabelledGraph[], table: FeatureTable): BlindGraph {
  const found = new Map<number, LabelledGraph>();
  return (nodes) => {
    const before = found.get(nodes);
    if (before !== undefined) return before;
    const guess = mostTypical(known().filter((graph) => graph.nodes.length === nodes)) ?? alkane(nodes, table);
    found.set(nodes, guess);
    return guess;
  };
}

/** The graph with the largest total of atoms in common with all others. */
function mostTypical(graphs: readonly LabelledGraph[]): LabelledGraph | undefined {
  const counted = graphs.map(({ nodes }) => countsOf(nodes.map((choices) => choices.join())));
  let best: { readonly graph: LabelledGraph; readonly shared: number } | undefined;
  graphs.forEach((graph, i) => {
    const shared = counted.reduce((total, other) => total + inCommon(counted[i]!, other), 0);
    if (best === undefined || shared > best.shared) best = { graph, shared };
  });
  return best?.graph;
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function inCommon(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [name, count] of a) shared += Math.min(count, b.get(name) ?? 0);
  return shared;
}

/** CₙH₂ₙ₊₂ in a chain. */
function alkane(length: number, table: FeatureTable): LabelledGraph {
  const atoms = Array.from({ length }, (_, i): Atom => {
    const degree = Number(i > 0) + Number(i < length - 1);
    return { element: "C", charge: 0, hydrogens: 4 - degree, aromatic: false, ring: false };
  });
  const bonds = Array.from({ length: length - 1 }, (_, i) => ({ from: i, to: i + 1, order: 1 }));
  const encoded = moleculeGraph({ atoms, bonds }, table);
  if ("fault" in encoded) throw new TypeError(encoded.fault);
  return encoded.graph;
}
