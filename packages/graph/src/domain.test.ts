import { rng } from "@recon/core";
import { describe, expect, test } from "vitest";
import { graphDomain, isGraphDomain } from "./domain.ts";
import { encodeGraph } from "./graphs/labelled-graph.ts";
import { drawnGraph, smallTable } from "./models/fixtures/drawn-graph.ts";
import { graphFlags } from "./told.ts";

const options = { features: smallTable, largest: 5, kind: "molecule" } as const;
const domain = graphDomain(options, (nodes) => drawnGraph(nodes, rng("blind")));

/** A path of three nodes and a lonely node, filled up to three rows. */
const batch = {
  shape: [2, 3, 6],
  data: Float64Array.of(
    ...[1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0],
    ...[0, 1, 1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1],
  ),
};

describe("the domain of graphs", () => {
  test("says what it is in JSON, and which metrics it has", () => {
    expect(JSON.parse(JSON.stringify(domain.options))).toEqual(options);
    expect(isGraphDomain(domain)).toBe(true);
    expect(domain.metrics.map(({ name }) => name)).toEqual(["gsm0", "gsm1", "gsm2", "exact", "node_f1", "edge_f1"]);
    const edges = graphDomain({ ...options, kind: "edges" }, (nodes) => drawnGraph(nodes, rng("blind")));
    expect(edges.metrics.map(({ name }) => name)).toEqual(["auc", "ap", ...domain.metrics.map(({ name }) => name)]);
  });
  test("tells who asks what its flags say, for each graph of a batch", () => {
    expect(Object.keys(domain.told!)).toEqual(graphFlags);
    const { nodeCount, degrees, edgeDensity, nodeFeatures, adjacency } = domain.told!;
    expect(nodeCount!(batch)).toEqual([3, 1]);
    expect(degrees!(batch)).toEqual([[1, 2, 1], [0]]);
    expect(edgeDensity!(batch)).toEqual([2 / 3, 0]);
    expect(nodeFeatures!(batch)).toEqual({
      shape: [2, 3, 3],
      data: Float64Array.of(1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, -1, -1, -1, -1, -1, -1),
    });
    expect(adjacency!(batch)).toEqual({
      shape: [2, 3, 3],
      data: Float64Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1),
    });
  });
  test("the blind guess has the size asked for", () => {
    expect(domain.blind([4, 7])).toEqual(encodeGraph(drawnGraph(4, rng("blind")), smallTable));
  });
  test.each([
    [{ ...options, largest: 0 }, "largest"],
    [{ ...options, kind: "net" }, "kind"],
    [{ ...options, features: [] }, "features"],
    [{ features: smallTable, largest: 3 }, "kind"],
  ])("bad options (case %#)", (bad, name) => {
    expect(() => graphDomain(bad as never, (nodes) => drawnGraph(nodes, rng("blind")))).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(`"${name}"`) }),
    );
  });
});
