import type { FeatureTable } from "../graphs/feature-table.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import type { Atom, Molecule } from "./molecule.ts";

/** What each group of `atomTable` reads of an atom with so many bonds. */
const readers: Readonly<Record<string, (atom: Atom, degree: number) => string>> = {
  element: ({ element }) => element,
  degree: (_, degree) => `${degree}`,
  hydrogens: ({ hydrogens }) => `${hydrogens}`,
  charge: ({ charge }) => `${charge}`,
  aromatic: ({ aromatic }) => (aromatic ? "yes" : "no"),
  ring: ({ ring }) => (ring ? "yes" : "no"),
};

/** A molecule as a graph of atoms, or what of it lies outside the table, in words. */
export function moleculeGraph(
  { atoms, bonds }: Molecule,
  table: FeatureTable,
): { readonly graph: LabelledGraph } | { readonly fault: string } {
  const degrees = atoms.map(() => 0);
  for (const { from, to } of bonds) {
    degrees[from]! += 1;
    degrees[to]! += 1;
  }
  const nodes: number[][] = [];
  for (const [i, atom] of atoms.entries()) {
    const choices: number[] = [];
    for (const { name, values } of table) {
      const value = readers[name]!(atom, degrees[i]!);
      const exact = values.indexOf(value);
      const choice = exact < 0 ? values.indexOf("other") : exact;
      if (choice < 0) {
        return {
          fault: `atom ${i + 1} (${atom.element}) has ${name} ${value}, and the features know ${values[0]} to ${values.at(-1)}`,
        };
      }
      choices.push(choice);
    }
    nodes.push(choices);
  }
  const edges = bonds.map(({ from, to }): readonly [number, number] => (from < to ? [from, to] : [to, from]));
  return { graph: { nodes, edges } };
}
