import { rng } from "@recon/core";
import { testStructurePrior } from "@recon/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { karate } from "../data/karate.ts";
import { molecules } from "../data/molecules.ts";
import { graphSet } from "../graphs/graph-set.ts";
import { decodeGraph } from "../graphs/labelled-graph.ts";
import { possibleMolecules } from "../molecules/possible-molecule.ts";
import { moleculeGenerator } from "./molecule-generator.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const { domain, open } = molecules();
const { table } = domain;
const prior = moleculeGenerator();

testStructurePrior(() => moleculeGenerator(), { domain, shape: [7, 35] });

beforeAll(async () => {
  await prior.scorer(domain);
}, 120_000);

describe(`the generator of molecules (RECON_TEST_SEED=${seed})`, () => {
  test("every draw is a molecule, and most are none that it has seen", async () => {
    const scorer = await prior.scorer(domain);
    const { training } = await open();
    const seen = graphSet();
    for (let i = 0; i < training!.size; i++) seen.add(decodeGraph((await training!.item(i)).input, table), `${i}`);
    const possible = possibleMolecules(table, "a test")!;
    let novel = 0;
    const sizes = [8, 10, 12, 14, 16];
    for (const size of sizes) {
      for (let i = 0; i < 4; i++) {
        const graph = decodeGraph(scorer.sample([size, 28 + size], rng(seed).split(`${size} ${i}`)), table);
        expect(graph.nodes).toHaveLength(size);
        expect(possible(graph)).toBe("possible");
        novel += Number(!seen.has(graph));
      }
    }
    expect(novel).toBeGreaterThan(10);
  });

  test("real atoms that it has not seen are mostly the most probable ones for their neighbours", async () => {
    const scorer = await prior.scorer(domain);
    const data = await open();
    const order = rng(seed).permutation(data.size).slice(0, 20);
    const ranks: number[] = [];
    for (const index of order) {
      const { input } = await data.item(index);
      for (let node = 0; node < input.shape[0]!; node++) {
        const same = ({ item }: { readonly item: typeof input }): boolean =>
          item.data.every((value, i) => value === input.data[i]);
        ranks.push(scorer.alternatives(input, node).findIndex(same));
      }
    }
    expect(ranks).not.toContain(-1);
    expect(ranks.filter((rank) => rank === 0).length / ranks.length).toBeGreaterThan(0.6);
  });

  test("a molecule is more probable with its own atoms than with those of another of its edges", async () => {
    const scorer = await prior.scorer(domain);
    const { input } = await (await open()).item(rng(seed).integer(100));
    const [nodes, columns] = input.shape as [number, number];
    const shuffled = Float32Array.from(input.data);
    // Features of a node on the edges of the one before.
    for (let i = 0; i < nodes; i++)
      shuffled.set(input.data.subarray(((i + 1) % nodes) * columns, ((i + 1) % nodes) * columns + 28), i * columns);
    expect(scorer.logProbability({ shape: input.shape, data: shuffled })).toBeLessThan(scorer.logProbability(input));
  });
});

test("it refuses graphs that are no molecules, and options that are none", async () => {
  await expect(moleculeGenerator().scorer(karate().domain)).rejects.toThrow(/knows molecules/);
  expect(() => moleculeGenerator({ lists: ["aspirin"] as never })).toThrow(/lists/);
});
