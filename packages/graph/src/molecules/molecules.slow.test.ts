import { expect, test } from "vitest";
import { listedCodes, moleculeLists } from "../data/molecule-lists.ts";
import { graphSet } from "../graphs/graph-set.ts";
import { atomTable } from "./atom-table.ts";
import { graphMolecule } from "./graph-molecule.ts";
import { moleculeGraph } from "./molecule-graph.ts";
import { chemistryMolecule, idCodeReader, openChemLib } from "./open-chem-lib.ts";

test("of 5457 listed molecules nearly all have a graph that says which constitution they have", () => {
  const table = atomTable();
  const library = openChemLib("test");
  const read = idCodeReader("test");
  const graphs = graphSet();
  const counts = { read: 0, outside: 0, impossible: 0, unknown: 0, same: 0, other: 0, ambiguous: 0, split: 0 };
  const graphOfCode = new Map<string, string>();
  for (const { id, code } of moleculeLists.flatMap((list) => listedCodes(list, "test"))) {
    counts.read++;
    const encoded = moleculeGraph(read(code), table);
    if ("fault" in encoded) {
      counts.outside++;
      continue;
    }
    const decoded = graphMolecule(encoded.graph, table);
    if ("fault" in decoded) {
      counts.impossible++;
      continue;
    }
    if (decoded.molecule.atoms.some(({ element }) => element === "other")) {
      counts.unknown++;
      continue;
    }
    const molecule = library.Molecule.fromIDCode(code, false);
    molecule.stripStereoInformation();
    const constitution = molecule.getIDCode();
    if (chemistryMolecule(library, decoded.molecule).getIDCode() === constitution) counts.same++;
    else counts.other++;
    const twin = graphs.add(encoded.graph, constitution);
    if (twin !== undefined && twin !== constitution) counts.ambiguous++;
    if ((graphOfCode.get(constitution) ?? id) !== id && twin === undefined) counts.split++;
    graphOfCode.set(constitution, id);
  }
  expect(counts).toEqual({
    read: 5457,
    // Charges beyond ±1, and atoms with a valence that they cannot have.
    outside: 9,
    impossible: 20,
    // Elements that share a column cannot come back by name.
    unknown: 178,
    same: 5247,
    // Other bond orders with the same hydrogens, charges and flags: the graph does not tell them apart.
    other: 3,
    // No two constitutions share a graph, and none has two.
    ambiguous: 0,
    split: 0,
  });
}, 120_000);
