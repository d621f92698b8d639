import type { Picture, ShownItem } from "@recon/core";
import { describe, expect, test, vi } from "vitest";
import { edgeSource } from "../data/edge-source.ts";
import { graphDomain } from "../domain.ts";
import { encodeGraph, type LabelledGraph, reordered } from "../graphs/labelled-graph.ts";
import { atomTable } from "../molecules/atom-table.ts";
import { moleculeGraph } from "../molecules/molecule-graph.ts";
import { smilesReader } from "../molecules/open-chem-lib.ts";
import { colours } from "./panels.ts";

const table = atomTable();
const read = smilesReader("test");

function graphOf(smiles: string): LabelledGraph {
  const encoded = moleculeGraph(read(smiles), table);
  if ("fault" in encoded) throw new Error(encoded.fault);
  return encoded.graph;
}

const domain = graphDomain({ features: table, largest: 20, kind: "molecule" }, () => graphOf("CCO"));
const encode = (graph: LabelledGraph): ShownItem["truth"] & object => encodeGraph(graph, table);

async function drawn(item: ShownItem, by = domain): Promise<{ picture: Picture; svg: string }> {
  const [picture] = await by.render(item);
  if (picture === undefined || !("svg" in picture)) throw new Error("no drawing");
  return { picture, svg: picture.svg };
}

/** Elements of a colour. */
const marked = (svg: string, colour: string): number => svg.split(colour).length - 1;

describe("a picture of a molecule", () => {
  const truth = graphOf("CC(=O)Nc1ccccc1O");
  test("of an exact reconstruction is the original's, atom by atom, and nothing is marked", async () => {
    const order = truth.nodes.map((_, node) => node).reverse();
    const item = { truth: encode(truth), estimate: encode(reordered(truth, order)), floor: domain.blind([3, 31]) };
    const { picture, svg } = await drawn(item);
    expect(picture.caption).toBe("The reconstruction is the original.");
    expect(marked(svg, colours.wrong) + marked(svg, colours.missed)).toBe(0);
    const [, original, found, guess] = svg.split('<g transform="translate(0 24)">');
    const texts = (panel: string | undefined): string[] =>
      [...panel!.matchAll(/<text x="([\d.]+)" y="([\d.]+)".*?>(\w+)<\/text>/g)]
        .map((match) => match.slice(1).join(" "))
        .sort();
    const own = texts(original).filter((text) => !text.includes("130 17"));
    expect(own.length).toBeGreaterThan(3);
    expect(texts(found).filter((text) => !text.includes("130 17"))).toEqual(own);
    expect(guess).toContain(">O<");
  });
  test("marks one wrong atom in the reconstruction and the one that it misses of the original", async () => {
    const { picture, svg } = await drawn({ truth: encode(truth), estimate: encode(graphOf("CC(=S)Nc1ccccc1O")) });
    expect(picture.caption).toMatch(/^10 of 11 atoms and 11 of 11 bonds are right/);
    expect([marked(svg, colours.wrong), marked(svg, colours.missed)]).toEqual([1, 1]);
  });
  test("marks a bond that is not there", async () => {
    const { nodes, edges } = graphOf("CCCC");
    const { picture, svg } = await drawn({
      truth: encode({ nodes, edges }),
      estimate: encode({ nodes, edges: [...edges, [0, 3]] }),
    });
    expect(picture.caption).toMatch(/4 of 4 atoms and 3 of 3 bonds are right/);
    expect(picture.caption).toMatch(/no molecule: atom 1 \(C, charge 0, 3 hydrogens\) has 2 bonds/);
    expect([marked(svg, colours.wrong), marked(svg, colours.missed)]).toEqual([1, 0]);
  });
  test("shows what there is: nothing, a reconstruction alone, an empty one", async () => {
    expect(await domain.render({})).toEqual([]);
    const { picture, svg } = await drawn({ estimate: encode(truth) });
    expect(picture.caption).toBe("Bond orders are what the valences leave.");
    expect(svg).toContain(">reconstruction</text>");
    expect(svg).not.toContain(">original</text>");
    const none = { shape: [2, 30], data: new Float64Array(60).fill(-1) };
    expect((await drawn({ truth: encode(truth), estimate: none })).picture.caption).toMatch(/^0 of 11 atoms/);
  });
  test("without the chemistry package, atoms stand on a circle", async () => {
    const elsewhere = vi.spyOn(process, "cwd").mockReturnValue("/");
    try {
      expect((await drawn({ truth: encode(truth), estimate: encode(truth) })).picture.caption).toMatch(
        /^Of the 11 pairs .* 11 are edges/,
      );
    } finally {
      elsewhere.mockRestore();
    }
  });
});

test("a picture of edges shows as many of the highest scores as there are edges", async () => {
  const names = ["a<b", "c", "d", "e"];
  const source = edgeSource({
    name: "test",
    options: {},
    card: { title: "", source: "", licence: "" },
    read: () => ({
      id: "test",
      nodes: names,
      labels: [0, 1, 0, 1],
      classes: 2,
      edges: [
        [0, 1],
        [2, 3],
      ],
    }),
  });
  const { input } = await (await source.open()).item(0);
  const scores = { shape: input.shape, data: Float64Array.from(input.data) };
  const set = (a: number, b: number, value: number): void => {
    scores.data[a * 8 + 4 + b] = value;
    scores.data[b * 8 + 4 + a] = value;
  };
  set(0, 1, 0.03);
  set(2, 3, 0.01);
  set(1, 2, 0.02);
  const { picture, svg } = await drawn({ truth: input, estimate: scores }, source.domain);
  expect(picture.caption).toMatch(/^Of the 2 pairs with the highest scores 1 are edges/);
  expect([marked(svg, colours.right), marked(svg, colours.wrong), marked(svg, colours.missed)]).toEqual([1, 1, 1]);
  expect(svg).toContain("a&#60;b");
});
