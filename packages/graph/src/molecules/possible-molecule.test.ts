import { expect, test } from "vitest";
import { domain, graphOf, table } from "../attacks/grain/fixtures/observed-graph.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import { possibleMolecules } from "./possible-molecule.ts";
import { ringRarity } from "./ring-rarity.ts";

const possible = possibleMolecules(table, "test")!;
const ring = (length: number, choices: readonly number[]): LabelledGraph => ({
  nodes: Array.from({ length }, () => choices),
  edges: Array.from({ length }, (_, i) => (i + 1 < length ? ([i, i + 1] as const) : ([0, i] as const))),
});

test.each([
  "c1ccccc1",
  "CC(=O)Oc1ccccc1C(=O)O",
  "C[N+](C)(C)CC([O-])=O",
  "O=[N+]([O-])c1ccccc1",
  "CS(=O)(=O)C",
  "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
  "C#N",
  "[Na+].[Cl-]",
])("takes the graph of %s for that of a molecule", (smiles) => {
  expect(possible(graphOf(smiles))).not.toBe("impossible");
});

test("refuses aromatic rings of 4 and 18 atoms, atoms of a ring on none, and valences that do not come out", () => {
  const benzene = graphOf("c1ccccc1").nodes[0]!;
  expect(possible(ring(6, benzene))).toBe("possible");
  for (const length of [3, 4, 8, 18]) expect(possible(ring(length, benzene))).toBe("impossible");
  const cyclohexane = graphOf("C1CCCCC1");
  expect(possible({ nodes: cyclohexane.nodes.slice(1), edges: [] })).toBe("impossible");
  const ethene = graphOf("C=C").nodes[0]!;
  const ethane = graphOf("CC").nodes[0]!;
  expect(possible({ nodes: [ethene, ethane], edges: [[0, 1]] })).toBe("impossible");
  expect(domain.kind).toBe("molecule");
});

test("ranks rings: six atoms before five, those before others, and the larger before the largest", () => {
  const any = graphOf("C1CCCCC1").nodes[0]!;
  const [three, five, six, nine, twelve] = [3, 5, 6, 9, 12].map((length) => ringRarity(ring(length, any)));
  expect([six!, five!, three!, nine!, twelve!]).toEqual([0, 1, 3, 6, 9]);
  expect(ringRarity(graphOf("CCO"))).toBe(0);
});
