import type { Skipped } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { graphSet } from "../graphs/graph-set.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import { graphMolecule } from "../molecules/graph-molecule.ts";
import type { Molecule } from "../molecules/molecule.ts";
import { moleculeGraph } from "../molecules/molecule-graph.ts";
import type { MoleculeReader } from "../molecules/open-chem-lib.ts";

/** A molecule with its graph. */
export interface ReadMolecule {
  readonly id: string;
  readonly molecule: Molecule;
  readonly graph: LabelledGraph;
}

export interface ReadMoleculesOptions {
  readonly codes: Iterable<{ readonly id: string; readonly code: string }>;
  readonly read: MoleculeReader;
  readonly table: FeatureTable;
  /** Fewest and most atoms. */
  readonly atoms: readonly [number, number];
}

/** Molecules that can be used, each graph once, and why others cannot. */
export function readMolecules(options: ReadMoleculesOptions): {
  readonly molecules: readonly ReadMolecule[];
  readonly skipped: readonly Skipped[];
} {
  const molecules: ReadMolecule[] = [];
  const skipped: Skipped[] = [];
  const seen = graphSet();
  for (const { id, code } of options.codes) {
    const found = graphOf(code, options);
    if ("reason" in found) {
      skipped.push({ id, ...found });
      continue;
    }
    const twin = seen.add(found.graph, id);
    if (twin !== undefined) skipped.push({ id, reason: `its graph is that of ${twin}`, byOptions: true });
    else molecules.push({ id, ...found });
  }
  return { molecules, skipped };
}

/** A molecule with its graph, or why it is left out. */
function graphOf(
  code: string,
  { read, table, atoms: [fewest, most] }: ReadMoleculesOptions,
): Omit<ReadMolecule, "id"> | Omit<Skipped, "id"> {
  let molecule: Molecule;
  try {
    molecule = read(code);
  } catch (error) {
    // The parser is compiled code, and its errors begin with the name of a class in it.
    const message = error instanceof Error ? error.message : String(error);
    return { reason: `it cannot be read: ${message.replace(/^Class\$\S+: /, "")}` };
  }
  const size = molecule.atoms.length;
  if (size === 0) return { reason: "it has no atoms" };
  if (size < fewest || size > most) {
    return { reason: `it has ${size} atoms, and "atoms" asks for ${fewest} to ${most}`, byOptions: true };
  }
  const encoded = moleculeGraph(molecule, table);
  if ("fault" in encoded) return { reason: encoded.fault };
  const decoded = graphMolecule(encoded.graph, table);
  return "fault" in decoded ? { reason: decoded.fault } : { molecule, graph: encoded.graph };
}
