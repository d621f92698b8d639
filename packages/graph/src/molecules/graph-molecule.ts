import type { FeatureTable } from "../graphs/feature-table.ts";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import { bondOrders } from "./bond-orders.ts";
import type { Atom, Molecule } from "./molecule.ts";
import { valencesOf } from "./valences.ts";

/** The atom that the choices of a node describe. */
export function atomOf(table: FeatureTable, choices: readonly number[]): Atom {
  const value = (name: string): string | undefined => {
    const group = table.findIndex((entry) => entry.name === name);
    return table[group]?.values[choices[group]!];
  };
  return {
    element: value("element") ?? "other",
    charge: Number(value("charge") ?? 0),
    hydrogens: Number(value("hydrogens") ?? 0),
    aromatic: value("aromatic") === "yes",
    ring: value("ring") === "yes",
  };
}

/**
 * The molecule of a graph of atoms: bond orders are what the valences leave, given hydrogens and charges; or in words why there are none.
 *
 * Aromatic rings become alternating bonds. A graph says nothing of stereochemistry.
 */
export function graphMolecule(
  graph: LabelledGraph,
  table: FeatureTable,
): { readonly molecule: Molecule } | { readonly fault: string } {
  const atoms = graph.nodes.map((choices) => atomOf(table, choices));
  const degrees = neighboursOf(graph).map(({ length }) => length);
  const sums = atoms.map(({ element, charge, hydrogens }) => valencesOf(element, charge).map((sum) => sum - hydrogens));
  const crowded = atoms.findIndex((_, i) => !sums[i]!.some((sum) => sum >= degrees[i]!));
  if (crowded >= 0) {
    const { element, charge, hydrogens } = atoms[crowded]!;
    const told = `atom ${crowded + 1} (${element}, charge ${charge}, ${hydrogens} hydrogens)`;
    return { fault: `${told} has ${degrees[crowded]} bonds, which no valence of it allows` };
  }
  const orders = bondOrders(graph, {
    sums,
    preferred: (edge) => graph.edges[edge]!.every((node) => atoms[node]!.aromatic),
  });
  if (orders === undefined) return { fault: "no orders of the bonds give every atom a valence that it can have" };
  return { molecule: { atoms, bonds: graph.edges.map(([from, to], i) => ({ from, to, order: orders[i]! })) } };
}
