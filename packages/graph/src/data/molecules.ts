import type { Skipped } from "@recon/core";
import { type Checks, checkOptions, listOf, oneOf } from "@recon/core/options";
import { graphSet } from "../graphs/graph-set.ts";
import { atomTable } from "../molecules/atom-table.ts";
import { idCodeReader } from "../molecules/open-chem-lib.ts";
import { listedCodes, type MoleculeList, moleculeLists } from "./molecule-lists.ts";
import { filledOptions, type MoleculeOptions, moleculeChecks } from "./molecule-options.ts";
import { type LabelledMolecule, type MoleculeSource, moleculeSource } from "./molecule-source.ts";
import { type ReadMolecule, readMolecules } from "./read-molecules.ts";

export interface MoleculesOptions extends MoleculeOptions {
  /** Lists that the audited molecules are from; the mutagenic one unless said. */
  readonly lists?: readonly MoleculeList[];
  /** Class 1 are the molecules of this list, the mutagenic one unless said; all others are class 0. */
  readonly label?: MoleculeList;
}

const checks: Checks<MoleculesOptions> = {
  ...moleculeChecks,
  lists: listOf(oneOf(moleculeLists)),
  label: oneOf(moleculeLists),
};

/**
 * Molecules of at most 20 atoms that are listed as mutagenic (2347), tumorigenic (812), irritant (1151) or harmful to reproduction (1147).
 *
 * Audited is one part of the chosen lists; the other part and all molecules of the other lists are for training, without those whose graph is audited. A molecule
 * that is in several lists is counted once. Stereoisomers have one graph.
 *
 * @throws ReconError `bad-option`; when molecules are read `missing-package`, `no-data`.
 */
export function molecules(options: MoleculesOptions = {}): MoleculeSource {
  checkOptions("molecules", options, checks);
  const filled = filledOptions(options);
  const { lists = ["mutagenic"], label = "mutagenic" } = options;
  const read = (names: readonly MoleculeList[]): { molecules: readonly ReadMolecule[]; skipped: readonly Skipped[] } =>
    readMolecules({
      codes: names.flatMap((list) => listedCodes(list, "molecules")),
      read: idCodeReader("molecules"),
      table: atomTable(filled),
      atoms: filled.atoms,
    });
  const others = moleculeLists.filter((list) => !lists.includes(list));
  const labelled = (): ((molecule: ReadMolecule) => LabelledMolecule) => {
    // Where one list holds all that is read, what class a molecule has is known without asking for its graph.
    if (lists.length === 1 && lists[0] === label) return (molecule) => ({ ...molecule, label: 1 });
    const positive = graphSet();
    for (const { graph, id } of read([label]).molecules) positive.add(graph, id);
    return (molecule) => ({ ...molecule, label: Number(positive.has(molecule.graph)) });
  };
  return moleculeSource({
    name: "molecules",
    options: { ...filled, lists, label },
    filled,
    card: {
      title: `Molecules listed as ${lists.join(", ")}`,
      source: "npm package openchemlib 9.25.0, lists of its toxicity predictor (from RTECS)",
      licence: "BSD-3-Clause",
    },
    read: () => {
      const { molecules, skipped } = read(lists);
      // Nobody can repair a published list: what is wrong in it is left out like what the options leave out.
      const leftOut = skipped.map((item): Skipped => ({ ...item, byOptions: true }));
      return { molecules: molecules.map(labelled()), classes: 2, skipped: leftOut };
    },
    more: (audited) => {
      const held = graphSet();
      for (const { graph, id } of audited) held.add(graph, id);
      const positive = graphSet();
      for (const { graph, id } of read([label]).molecules) positive.add(graph, id);
      return read(others)
        .molecules.filter(({ graph }) => !held.has(graph))
        .map((molecule) => ({ ...molecule, label: Number(positive.has(molecule.graph)) }));
    },
  });
}
