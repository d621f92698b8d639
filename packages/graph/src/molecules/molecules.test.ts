import { describe, expect, test } from "vitest";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import { atomTable } from "./atom-table.ts";
import { graphMolecule } from "./graph-molecule.ts";
import { moleculeGraph } from "./molecule-graph.ts";
import { chemistryMolecule, openChemLib, smilesReader } from "./open-chem-lib.ts";

const read = smilesReader("test");
const library = openChemLib("test");

function graphOf(smiles: string, table = atomTable()): LabelledGraph {
  const encoded = moleculeGraph(read(smiles), table);
  if ("fault" in encoded) throw new Error(encoded.fault);
  return encoded.graph;
}

const codeOf = (smiles: string): string => {
  const molecule = library.Molecule.fromSmiles(smiles);
  molecule.stripStereoInformation();
  return molecule.getIDCode();
};

describe("features", () => {
  test("are 28 columns in 4620 combinations, without the degree 21 in 660", () => {
    const combinations = (table: ReturnType<typeof atomTable>): number =>
      table.reduce((product, { values }) => product * values.length, 1);
    expect(combinations(atomTable())).toBe(4620);
    expect(combinations(atomTable({ degree: false }))).toBe(660);
  });
  test("of the nitro group and the ring of nitrobenzene", () => {
    const { nodes, edges } = graphOf("c1ccccc1[N+](=O)[O-]");
    const names = nodes
      .map((choices) =>
        atomTable()
          .map(({ values }, i) => values[choices[i]!]!)
          .join(" "),
      )
      .sort();
    expect(names).toEqual([
      ...new Array(5).fill("C 2 1 0 yes yes"),
      "C 3 0 0 yes yes",
      "N 3 0 1 no no",
      "O 1 0 -1 no no",
      "O 1 0 0 no no",
    ]);
    expect(edges).toHaveLength(9);
  });
  test("an unknown element is an other, and what lies outside the table is named", () => {
    const { nodes } = graphOf("C[Se]C");
    expect(nodes.map(([element]) => atomTable()[0]!.values[element!])).toEqual(["C", "other", "C"]);
    expect(moleculeGraph(read("[Fe+2]"), atomTable())).toEqual({
      fault: "atom 1 (Fe) has charge 2, and the features know -1 to 1",
    });
  });
});

describe("a molecule comes back from its graph", () => {
  test.each([
    "c1ccccc1",
    "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
    "CC(C)(C)OC(=O)N",
    "C[N+](C)(C)CC(=O)[O-]",
    "CS(=O)(=O)c1ccc(N)cc1",
    "OP(=O)(O)OC",
    "C#CC=C=C",
    "OS(=O)(=O)CCl(=O)=O",
    "N#[N+]c1ccccc1",
    "C[Si](C)(C)Cl",
    "c1ccc2c(c1)[nH]c1ccccc12",
    "CCO.O",
    "C",
  ])("%s", (smiles) => {
    const decoded = graphMolecule(graphOf(smiles), atomTable());
    if ("fault" in decoded) throw new Error(decoded.fault);
    expect(chemistryMolecule(library, decoded.molecule).getIDCode()).toBe(codeOf(smiles));
  });
  test("without the degree among the features", () => {
    const table = atomTable({ degree: false });
    const decoded = graphMolecule(graphOf("Cc1ccncc1", table), table);
    if ("fault" in decoded) throw new Error(decoded.fault);
    expect(chemistryMolecule(library, decoded.molecule).getIDCode()).toBe(codeOf("Cc1ccncc1"));
  });
});

describe("what is no molecule is said", () => {
  test("too many bonds at an atom", () => {
    const { nodes, edges } = graphOf("CC(C)C");
    const crowded = { nodes, edges: [...edges, [0, 2] as const] };
    expect(graphMolecule(crowded, atomTable())).toEqual({
      fault: "atom 1 (C, charge 0, 3 hydrogens) has 2 bonds, which no valence of it allows",
    });
  });
  test("bond orders that cannot work out: a ring of five trivalent carbons", () => {
    const five = graphOf("c1cc[nH]c1");
    const carbon = five.nodes.find(([element]) => element === 0)!;
    const odd = { nodes: five.nodes.map(() => carbon), edges: five.edges };
    expect(graphMolecule(odd, atomTable())).toEqual({
      fault: "no orders of the bonds give every atom a valence that it can have",
    });
  });
});
