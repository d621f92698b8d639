import { oneHot, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { isomorphism } from "../../graphs/isomorphism.ts";
import { gat } from "../../models/gat.ts";
import { gcn } from "../../models/gcn.ts";
import { gin } from "../../models/gin.ts";
import { graphSage } from "../../models/graph-sage.ts";
import { grain } from "../grain.ts";
import { domain, foundGraph, graphOf, observedGraph, solutionOf } from "./fixtures/observed-graph.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());
const data = {
  input: domain.features > 0 ? [domain.largest, domain.features + domain.largest] : [],
  classes: 2,
  domain,
};
const aspirin = graphOf("CC(=O)Oc1ccccc1C(=O)O");

describe("one molecule", () => {
  test.each([
    ["a convolutional network", gcn({ hidden: 64 }, data)],
    ["an attention network", gat({ hidden: 64 }, data)],
    ["a sampling and aggregating network", graphSage({ hidden: 64 }, data)],
    ["an isomorphism network", gin({ hidden: 64 }, data)],
    [
      "a convolutional network that sums, with a smooth activation",
      gcn({ hidden: 64, pooling: "sum", activation: "gelu" }, data),
    ],
  ] as const)("comes back from the gradient of %s", async (_, model) => {
    const solution = await solutionOf(grain(), await observedGraph(aspirin, model, executor), executor);
    expect(isomorphism(foundGraph(solution), aspirin)).toBeDefined();
    expect(solution.residual).toBeLessThan(1e-10);
    expect([...solution.value.target!.data]).toEqual([...oneHot(1, 2).data]);
  });

  test("comes back where Â loses a dimension, so that its atoms are no rows of the gradient", async () => {
    const acid = graphOf("OC(=O)C(O)C");
    const solution = await solutionOf(
      grain(),
      await observedGraph(acid, gcn({ hidden: 300 }, data), executor),
      executor,
    );
    expect(isomorphism(foundGraph(solution), acid)).toBeDefined();
  });

  test("comes back in float32", async () => {
    const problem = await observedGraph(aspirin, gcn({ hidden: 300 }, data), executor, { precision: "float32" });
    const solution = await solutionOf(grain(), problem, executor);
    expect(isomorphism(foundGraph(solution), aspirin)).toBeDefined();
  });
});

describe("a certificate", () => {
  const ring = graphOf("C1CCCCC1");

  test("is not exact for a ring behind a mean: rings of any length have its gradient", async () => {
    const solution = await solutionOf(
      grain(),
      await observedGraph(ring, gcn({ hidden: 64 }, data), executor),
      executor,
    );
    expect(solution.certificate.level).toBe("consistent");
    expect(isomorphism(foundGraph(solution), ring)).toBeDefined();
  });

  test("is exact for a chain, and for a ring where nodes are counted", async () => {
    const chain = graphOf("CCOC(=O)CN");
    const mean = await solutionOf(grain(), await observedGraph(chain, gcn({ hidden: 300 }, data), executor), executor);
    expect(mean.certificate.level).toBe("exact");
    const small = graphOf("C1CCCC1");
    const sum = gcn({ hidden: 64, pooling: "sum" }, data);
    const counted = await solutionOf(grain(), await observedGraph(small, sum, executor), executor);
    expect(counted.certificate.level).toBe("exact");
    expect(isomorphism(foundGraph(counted), small)).toBeDefined();
  });
});

test("of graphs with one gradient it takes one part before several, and the smaller one: a ring of seven, not one of six beside one of eight", async () => {
  const lactone = graphOf("O=C1CCCCCO1");
  const solution = await solutionOf(
    grain(),
    await observedGraph(lactone, gcn({ hidden: 64 }, data), executor),
    executor,
  );
  expect(isomorphism(foundGraph(solution), lactone)).toBeDefined();
  expect(solution.certificate.level).toBe("consistent");
});

test("ends in time with what it has found", async () => {
  const problem = await observedGraph(aspirin, gcn({ hidden: 64 }, data), executor);
  const solution = await solutionOf(grain({ seconds: 0.001 }), problem, executor);
  expect(solution.verdict).toBe("budget spent");
  expect(solution.certificate.level).toBe("none");
  expect(solution.reason).toMatch(/time was over/i);
});

describe("says why not", () => {
  test("for several graphs, and for classes of nodes", async () => {
    const problem = await observedGraph(aspirin, gcn({ hidden: 8 }, data), executor);
    expect(grain().applies({ ...problem, knowledge: { ...problem.knowledge, batchSize: 2 } })).toMatchObject({
      reason: expect.stringContaining("the batch holds 2"),
    });
    expect(grain().applies({ ...problem, model: gcn({ hidden: 8, task: "node" }, data) })).toMatchObject({
      reason: expect.stringContaining("no layer of gcn reads one row a graph"),
    });
  });

  test("for a layer too narrow to tell surroundings apart", async () => {
    const problem = await observedGraph(aspirin, gcn({ hidden: 4, activation: "gelu" }, data), executor);
    const { signal } = new AbortController();
    const outlook = await grain().foresee!(problem, { executor, rng: rng("outlook"), signal });
    expect(outlook).toContain("4 of 4 dimensions");
    expect(outlook).toContain("Layer 2 spans everything");
    const solution = await solutionOf(grain({ surroundings: 2000 }), problem, executor);
    expect(solution.certificate.level).not.toBe("exact");
    expect(solution.reason).not.toBe("");
  });
});
