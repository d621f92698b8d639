import { describe, expect, test } from "vitest";
import { decodeGraph } from "../graphs/labelled-graph.ts";
import { karate } from "./karate.ts";
import { miserables } from "./miserables.ts";
import { molecules } from "./molecules.ts";

describe("floors that the README states", () => {
  test("of the first 300 audited molecules", async () => {
    const { domain, open } = molecules();
    const data = await open();
    const totals = new Map(domain.metrics.map(({ name }) => [name, 0]));
    for (let i = 0; i < 300; i++) {
      const { input } = await data.item(i);
      const guess = domain.blind(input.shape);
      for (const { name, score } of domain.metrics) totals.set(name, totals.get(name)! + score(guess, input) / 300);
    }
    const rounded = Object.fromEntries([...totals].map(([name, value]) => [name, Number(value.toFixed(2))]));
    expect(rounded).toEqual({ gsm0: 0.8, gsm1: 0.11, gsm2: 0.1, exact: 0, node_f1: 0.43, edge_f1: 0.52 });
  }, 120_000);

  test.each([
    [karate, 0.139, 0.59],
    [miserables, 0.087, 0.6],
  ])("of edges (case %#)", async (source, density, degrees) => {
    const { domain, open } = source();
    const { input, guess } = await (await open()).item(0);
    const { nodes, edges } = decodeGraph(input, domain.table);
    expect((2 * edges.length) / (nodes.length * (nodes.length - 1))).toBeCloseTo(density, 3);
    expect(domain.metrics[0]!.score(guess!.input, input)).toBeCloseTo(degrees, 2);
  });
});
