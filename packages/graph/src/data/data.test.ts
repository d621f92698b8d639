import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Item, OpenData } from "@recon/core";
import { afterAll, describe, expect, test, vi } from "vitest";
import { graphSet } from "../graphs/graph-set.ts";
import { decodeGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import plugin from "../plugin.ts";
import { edgeList } from "./edge-list.ts";
import { karate } from "./karate.ts";
import { miserables } from "./miserables.ts";
import { molecules } from "./molecules.ts";
import { smiles } from "./smiles.ts";

const folder = mkdtempSync(join(tmpdir(), "graph-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const labelOf = ({ target }: Item): number => target.data.indexOf(1);
const all = (data: Pick<OpenData, "size" | "item">, count = data.size): Promise<Item[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => data.item(i)));

describe("molecules", () => {
  // A part of them: few atoms are read fast.
  const source = molecules({ atoms: [4, 9] });
  test("of the mutagenic list: half to be audited, each graph once, and none of them is trained on", async () => {
    const data = await source.open();
    expect(data.size).toBeGreaterThan(300);
    const audited = await all(data);
    const { table } = source.domain;
    const graphs = graphSet();
    for (const { id, input } of audited) {
      const graph = decodeGraph(input, table);
      expect(graph.nodes.length).toBeGreaterThanOrEqual(4);
      expect(graph.nodes.length).toBeLessThanOrEqual(9);
      expect(graphs.add(graph, id)).toBeUndefined();
    }
    const training = await all(data.training!);
    const rest = training.filter(({ id }) => id.startsWith("mutagenic"));
    expect(audited.length + rest.length + data.skipped.length).toBe(2347);
    expect(Math.abs(audited.length - rest.length)).toBeLessThanOrEqual(1);
    expect(training.filter(({ input }) => graphs.has(decodeGraph(input, table)))).toEqual([]);
    // Both classes are there to be learnt.
    const positive = training.filter((item) => labelOf(item) === 1).length;
    expect(positive).toBeGreaterThan(300);
    expect(training.length - positive).toBeGreaterThan(300);
    expect(new Set(audited.map(labelOf))).toEqual(new Set([1]));
  });
  test("of several lists have classes by another, and equal options give equal items", async () => {
    const options = { lists: ["irritant", "reproductive"], label: "irritant", atoms: [5, 6] } as const;
    const [first, second] = await Promise.all([molecules(options).open(), molecules(options).open()]);
    const items = await all(first);
    expect(items).toEqual(await all(second));
    expect(new Set(items.map(labelOf))).toEqual(new Set([0, 1]));
    // Who is in both lists is of the class of the first.
    expect(items.filter(({ id }) => id.startsWith("irritant")).every((item) => labelOf(item) === 1)).toBe(true);
    await expect(first.item(first.size)).rejects.toMatchObject({ code: "no-such-item" });
  });
  test("of 21 to 34 atoms are among the substructures", async () => {
    const source = molecules({ lists: ["substructures"], atoms: [21, 40] });
    const data = await source.open();
    const sizes = (await all(data)).map(({ input }) => input.shape[0]!);
    expect(sizes.length + (await all(data.training!)).length).toBe(135);
    expect(Math.min(...sizes)).toBe(21);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(34);
    expect(data.skipped.every(({ byOptions }) => byOptions)).toBe(true);
  });
  test("the blind guess has the size asked for, is a molecule of the training part, and is better than carbon chains", async () => {
    const { blind, metrics, table } = source.domain;
    const items = await all(await source.open(), 100);
    const nodeF1 = metrics.find(({ name }) => name === "node_f1")!;
    const score = items.reduce((total, { input }) => total + nodeF1.score(blind(input.shape), input), 0) / 100;
    expect(score).toBeGreaterThan(0.3);
    for (const nodes of [1, 4, 20, 33])
      expect(decodeGraph(blind([nodes, 28 + nodes]), table).nodes).toHaveLength(nodes);
  });
  test.each([
    [{ atoms: [9, 4] }, "atoms"],
    [{ lists: ["poisonous"] }, "lists"],
    [{ label: "x" }, "label"],
    [{ training: 1 }, "training"],
    [{ size: 3 }, "size"],
  ])("bad options %j", (options, name) => {
    expect(() => molecules(options as object)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(`"${name}"`) }),
    );
  });
});

describe("SMILES of the user", () => {
  test("a line each; what cannot be read is named by its line", async () => {
    const path = file(
      "list.smi",
      "CCO ethanol\nC1CC\n# a comment\n\nOCC again\nCC(=O)[Fe+2]\nC\nc1ccccc1\n[Na+].[Cl-]\nCCCl\n",
    );
    const data = await smiles({ path, atoms: [2, 9], training: 0 }).open();
    expect((await all(data)).map(({ id }) => id)).toEqual(["list.smi:1", "list.smi:8", "list.smi:9", "list.smi:10"]);
    const reasons = Object.fromEntries(data.skipped.map(({ id, reason }) => [id, reason]));
    expect(reasons["list.smi:2"]).toMatch(/^it cannot be read: SmilesParser: /);
    expect(reasons["list.smi:5"]).toBe("its graph is that of list.smi:1");
    expect(reasons["list.smi:6"]).toMatch(/charge 2/);
    expect(reasons["list.smi:7"]).toMatch(/it has 1 atoms/);
    expect(Object.keys(reasons)).toHaveLength(4);
  });
  test("isotopes, stereochemistry and written hydrogens leave the graph as it is; radicals and query atoms are none", async () => {
    const lines = ["C[C@H](O)N", "[2H]O[13CH](C)N", "[H]N([H])C([H])(C)O", "[CH2]CCC", "*CCC"];
    const data = await smiles({ path: file("odd.smi", lines.join("\r\n")), training: 0 }).open();
    expect(data.size).toBe(1);
    expect(data.skipped.map(({ reason }) => reason)).toEqual([
      ...new Array(2).fill("its graph is that of odd.smi:1"),
      ...new Array(2).fill("no orders of the bonds give every atom a valence that it can have"),
    ]);
  });
  test("two ions are one graph without an edge", async () => {
    const path = file("salt.smi", "[NH4+].[Cl-]");
    const source = smiles({ path, atoms: [1, 9], training: 0 });
    const { nodes, edges } = decodeGraph((await (await source.open()).item(0)).input, source.domain.table);
    expect([nodes.length, edges.length]).toEqual([2, 0]);
  });
  test("a column of a table with classes in another", async () => {
    const path = file("table.csv", 'name,mol,toxic\n"a, b",CCCCO,yes\nc,CCCCN,no\nd,,no\ne,CCCCS,\n');
    const data = await smiles({ path, column: "mol", label: "toxic", training: 0 }).open();
    expect((await all(data)).map((item) => [item.id, labelOf(item)])).toEqual([
      ["table.csv:2", 1],
      ["table.csv:3", 0],
    ]);
    expect(data.skipped.map(({ id, reason }) => [id, reason])).toEqual([
      ["table.csv:4", "the row has no SMILES"],
      ["table.csv:5", "the row has no label"],
    ]);
    await expect(smiles({ path }).open()).rejects.toThrow(/a column of .*name, mol, toxic/);
  });
  test.each([
    ["nothing.smi", undefined, "no-such-file"],
    ["empty.smi", "", "no-data"],
    ["bad.smi", "hello\nC1", "no-data"],
    ["utf16.smi", "\ufeff", "no-data"],
    ["bytes.smi", "CC\0O", "unreadable-file"],
    ["open.csv", 'smiles\n"CCO', "unreadable-file"],
  ])("%s", async (name, text, code) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    await expect(smiles({ path }).open()).rejects.toMatchObject({ code });
  });
});

describe("graphs with names", () => {
  test("the karate club: 34 members, 78 friendships, two factions of 17; 16 friends of the first", async () => {
    const source = karate();
    const { input, target, guess } = await (await source.open()).item(0);
    const { nodes, edges } = decodeGraph(input, source.domain.table);
    expect([nodes.length, edges.length, target.shape]).toEqual([34, 78, [34, 2]]);
    expect(Array.from(target.data).reduce((total, value, i) => total + (i % 2 === 0 ? value : 0), 0)).toBe(17);
    const degrees = neighboursOf({ nodes, edges }).map(({ length }) => length);
    expect(degrees[0]).toBe(16);
    const other = decodeGraph(guess!.input, source.domain.table);
    expect(neighboursOf(other).map(({ length }) => length)).toEqual(degrees);
    expect(other.edges).not.toEqual(edges);
  });
  test("“Les Misérables”: 77 persons, 254 pairs", async () => {
    const source = miserables();
    const { input, target } = await (await source.open()).item(0);
    const { nodes, edges } = decodeGraph(input, source.domain.table);
    expect([nodes.length, edges.length, target.shape]).toEqual([77, 254, [77, 11]]);
  });
  test("nothing of the edges can be read off the domain that an attacker has", async () => {
    const source = karate();
    const { input } = await (await source.open()).item(0);
    const auc = source.domain.metrics.find(({ name }) => name === "auc")!;
    expect(Math.abs(auc.score(source.domain.blind(input.shape), input) - 0.5)).toBeLessThan(0.15);
    expect(JSON.stringify(source.domain.options)).not.toMatch(/edge.*\[/);
  });
  test("an edge list: loops, doubles and directions are named, lonely nodes stay", async () => {
    const path = file("edges.csv", "a,b,3\nb,a\nb,c\nc,c\na,b\nd\n,e\n");
    const classes = file("classes.csv", "a,x\nb,y\nc,x\nd,y\ne,z\ne,x\n");
    const source = edgeList({ path, classes });
    const data = await source.open();
    const { input, target } = await data.item(0);
    const { nodes, edges } = decodeGraph(input, source.domain.table);
    expect(source.domain.table[0]!.values).toEqual(["a", "b", "c", "d", "e"]);
    expect(nodes).toHaveLength(5);
    expect(edges).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(target.shape).toEqual([5, 3]);
    expect(data.skipped).toEqual([
      { id: "edges.csv:2", reason: 'the edge between "b" and "a" is there already, in line 1', byOptions: true },
      { id: "edges.csv:4", reason: 'the edge goes from "c" to itself', byOptions: true },
      { id: "edges.csv:5", reason: 'the edge between "a" and "b" is there already, in line 1', byOptions: true },
      { id: "edges.csv:7", reason: "the first cell is empty" },
      { id: "classes.csv:6", reason: '"e" has a class already' },
    ]);
  });
  test("blanks between cells, a header, one node, and what cannot be", async () => {
    const blanks = edgeList({ path: file("blanks.txt", "from to\n1 2\n2 3\n"), header: true });
    expect((await (await blanks.open()).item(0)).input.shape).toEqual([3, 6]);
    const one = edgeList({ path: file("one.txt", "x\n") });
    expect((await (await one.open()).item(0)).input).toEqual({ shape: [1, 2], data: Float32Array.of(1, 0) });
    await expect(edgeList({ path: file("none.txt", "# nothing\n") }).open()).rejects.toMatchObject({ code: "no-data" });
    const classes = file("few.csv", "x,1\n");
    const path = file("two.csv", "x,y\n");
    await expect(edgeList({ path, classes }).open()).rejects.toThrow(/no class for "y"/);
    expect(() => edgeList({} as never)).toThrow(/"path"/);
  });
});

test("a package that is not installed is named", async () => {
  const sources = [molecules(), karate()];
  const elsewhere = vi.spyOn(process, "cwd").mockReturnValue("/");
  try {
    for (const source of sources) await expect(source.open()).rejects.toMatchObject({ code: "missing-package" });
  } finally {
    elsewhere.mockRestore();
  }
});

test("everything has its name in the plugin", () => {
  expect(Object.keys(plugin.data!).sort()).toEqual([
    "edge-list",
    "folder",
    "karate",
    "miserables",
    "molecules",
    "smiles",
  ]);
  expect(Object.keys(plugin.models!).sort()).toEqual(["gat", "gcn", "gin", "graph-sage"]);
});
