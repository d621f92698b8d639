import type { FeatureTable } from "../graphs/feature-table.ts";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import { atomReader, unsaturations } from "./atom-features.ts";
import { moleculeGraph } from "./molecule-graph.ts";
import { openChemLib, plainMolecule } from "./open-chem-lib.ts";
import { shortestCycle } from "./ring-rarity.ts";

/** What is known of whether a graph is that of a molecule. */
export type Possibility = "possible" | "impossible" | "unknown";

/** Most sets of bond orders that are tried. */
const mostOrders = 64;

/**
 * Whether bonds exist with which a graph is that of a molecule: orders that fill every atom's valence, and with which the molecule's own hydrogens, aromatic atoms and rings are
 * those that the features say.
 *
 * Unknown where an element is in no list of valences, or too many sets of orders would have to be tried.
 */
export function possibleMolecules(
  table: FeatureTable,
  usedBy: string,
): ((graph: LabelledGraph) => Possibility) | undefined {
  const atomOf = atomReader(table);
  if (atomOf === undefined) return undefined;
  const { Molecule } = openChemLib(usedBy);
  return (graph) => {
    const atoms = graph.nodes.map(atomOf);
    if (atoms.some(({ element }) => element === "other")) return "unknown";
    const neighbours = neighboursOf(graph);
    if (!ringsAgree(graph, atoms)) return "impossible";
    if (!aromaticRingsExist(graph, atoms)) return "impossible";
    const missing = atoms.map((atom, i) => unsaturations(atom, neighbours[i]!.length));
    let tried = 0;
    for (const orders of bondOrders(graph, missing)) {
      if (++tried > mostOrders) return "unknown";
      const molecule = new Molecule(atoms.length, graph.edges.length);
      for (const { element, charge } of atoms) {
        const at = molecule.addAtom(Molecule.getAtomicNoFromLabel(element));
        molecule.setAtomCharge(at, charge);
      }
      graph.edges.forEach(([a, b], i) => {
        molecule.setBondOrder(molecule.addBond(a, b), orders[i]!);
      });
      const encoded = moleculeGraph(plainMolecule(Molecule, molecule), table);
      if ("graph" in encoded && sameNodes(encoded.graph, graph)) return "possible";
    }
    return "impossible";
  };
}

function sameNodes(first: LabelledGraph, second: LabelledGraph): boolean {
  return first.nodes.every((choices, i) => choices.every((choice, group) => choice === second.nodes[i]?.[group]));
}

/** Whether the atoms that lie on a cycle are those of a ring. */
function ringsAgree(graph: LabelledGraph, atoms: readonly { readonly ring: boolean }[]): boolean {
  const onCycle = new Array<boolean>(atoms.length).fill(false);
  const neighbours = neighboursOf(graph);
  for (const [a, b] of graph.edges) {
    if (shortestCycle(neighbours, a, b) === undefined) continue;
    onCycle[a] = true;
    onCycle[b] = true;
  }
  return atoms.every(({ ring }, i) => ring === onCycle[i]);
}

/** The chemistry package looks for aromatic rings among those of at most so many atoms. */
const largestAromaticRing = 7;

/** Whether every aromatic atom has a bond to another that lies on a small ring. */
function aromaticRingsExist(graph: LabelledGraph, atoms: readonly { readonly aromatic: boolean }[]): boolean {
  const neighbours = neighboursOf(graph);
  const inRing = atoms.map(({ aromatic }) => !aromatic);
  for (const [a, b] of graph.edges) {
    if (!atoms[a]!.aromatic || !atoms[b]!.aromatic || (inRing[a] && inRing[b])) continue;
    if ((shortestCycle(neighbours, a, b) ?? Number.POSITIVE_INFINITY) > largestAromaticRing) continue;
    inRing[a] = true;
    inRing[b] = true;
  }
  return inRing.every(Boolean);
}

/** Orders 1 to 3 of all edges whose excess over single bonds is one of those that each atom can have. */
function* bondOrders(
  { nodes, edges }: LabelledGraph,
  missing: readonly (readonly number[])[],
): Generator<readonly number[], void> {
  const excess = nodes.map(() => 0);
  const open = nodes.map((_, i) => edges.filter(([a, b]) => a === i || b === i).length);
  const most = missing.map((options) => Math.max(...options));
  const orders: number[] = [];
  const fits = (node: number): boolean =>
    excess[node]! <= most[node]! &&
    (open[node]! > 0
      ? missing[node]!.some((m) => m >= excess[node]! && m <= excess[node]! + 2 * open[node]!)
      : missing[node]!.includes(excess[node]!));
  function* place(at: number): Generator<readonly number[], void> {
    if (at === edges.length) {
      yield [...orders];
      return;
    }
    const [a, b] = edges[at]!;
    open[a]!--;
    open[b]!--;
    for (let order = 1; order <= 3; order++) {
      excess[a]! += order - 1;
      excess[b]! += order - 1;
      orders.push(order);
      if (fits(a) && fits(b)) yield* place(at + 1);
      orders.pop();
      excess[a]! -= order - 1;
      excess[b]! -= order - 1;
    }
    open[a]!++;
    open[b]!++;
  }
  yield* place(0);
}
