import type { Skipped } from "@recon/core";
import { type Checks, checkOptions, listOf, oneOf } from "@recon/core/options";
import { type GraphSet, graphSet } from "../graphs/graph-set.ts";
import { atomTable } from "../molecules/atom-table.ts";
import { idCodeReader } from "../molecules/open-chem-lib.ts";
import { listedCodes, type MoleculeList, moleculeLists, partList } from "./molecule-lists.ts";
import { filledOptions, type MoleculeOptions, moleculeChecks } from "./molecule-options.ts";
import { type LabelledMolecule, type MoleculeSource, moleculeSource } from "./molecule-source.ts";
import { type ReadMolecule, readMolecules } from "./read-molecules.ts";

export interface MoleculesOptions extends MoleculeOptions {
  /** Lists that the audited molecules are from; the mutagenic one unless said. */
  readonly lists?: readonly (MoleculeList | typeof partList)[];
  /** Class 1 are the molecules of this list, the mutagenic one unless said; all others are class 0. */
  readonly label?: MoleculeList;
}

const checks: Checks<MoleculesOptions> = {
  ...moleculeChecks,
  lists: listOf(oneOf([...moleculeLists, partList])),
  label: oneOf(moleculeLists),
};

/** What was read in this process: every source of equal lists and options would read the same. */
const kept = new Map<string, ReturnType<typeof readMolecules>>();

/**
 * Molecules of at most 20 atoms that are listed as mutagenic (2347), tumorigenic (812), irritant (1151) or harmful to reproduction (1147).
 *
 * The list `substructures` holds what such molecules have in common, of up to 34 atoms, with hydrogens in place of the rest: the only molecules of the package with more than 20 atoms.
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
  const read = (names: NonNullable<MoleculesOptions["lists"]>): ReturnType<typeof readMolecules> => {
    const { atoms, degree } = filled;
    const key = JSON.stringify([names, atoms, degree]);
    const molecules =
      kept.get(key) ??
      readMolecules({
        codes: names.flatMap((list) => listedCodes(list, "molecules")),
        read: idCodeReader("molecules"),
        table: atomTable({ degree }),
        atoms,
      });
    kept.set(key, molecules);
    return molecules;
  };
  /** Molecules with class 1 where the list of that class holds the graph. */
  const labelled = (molecules: readonly ReadMolecule[]): readonly LabelledMolecule[] => {
    const positive = read([label]).molecules;
    const ids = new Set(positive.map(({ id }) => id));
    const graphs = molecules.every(({ id }) => ids.has(id)) ? undefined : setOf(positive);
    return molecules.map((molecule) => {
      const { id, graph } = molecule;
      return { ...molecule, label: Number(ids.has(id) || graphs?.has(graph) === true) };
    });
  };
  return moleculeSource({
    name: "molecules",
    options: { ...filled, lists, label },
    filled,
    card: {
      title: `Molecules listed as ${lists.join(", ")}`,
      source: "npm package openchemlib 9.25.0, lists of its toxicity predictor",
      licence: "BSD-3-Clause",
    },
    read: () => {
      const { molecules, skipped } = read(lists);
      // Nobody can repair a published list: what is wrong in it is left out like what the options leave out.
      const leftOut = skipped.map((item): Skipped => ({ ...item, byOptions: true }));
      return { molecules: labelled(molecules), classes: 2, skipped: leftOut };
    },
    more: (audited) => {
      const held = setOf(audited);
      const others = moleculeLists.filter((list) => !lists.includes(list));
      return others.length === 0 ? [] : labelled(read(others).molecules.filter(({ graph }) => !held.has(graph)));
    },
  });
}

function setOf(molecules: readonly ReadMolecule[]): GraphSet {
  const set = graphSet();
  for (const { graph, id } of molecules) set.add(graph, id);
  return set;
}
