import { gaussianNoise } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { gcn } from "../models/gcn.ts";
import { moleculeGenerator } from "../priors/molecule-generator.ts";
import { auto } from "./auto.ts";
import { domain, foundGraph, graphOf, observedGraph, solutionOf } from "./grain/fixtures/observed-graph.ts";
import { grain } from "./grain.ts";
import { priorOnly } from "./prior-only.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());
const data = { input: [domain.largest, domain.features + domain.largest], classes: 2, domain };
const model = gcn({ hidden: 64 }, data);

test("grain lists graphs of the told size alone: a ring behind a mean, whose length the gradient does not show", async () => {
  const ring = graphOf("C1CCCCCC1");
  const problem = await observedGraph(ring, model, executor);
  const told = { ...problem, knowledge: { ...problem.knowledge, nodeCount: [7] } };
  const solution = await solutionOf(grain(), told, executor);
  expect(foundGraph(solution).nodes).toHaveLength(7);
  expect(solution.given).toContain("nodeCount");
  const untold = await solutionOf(grain(), problem, executor);
  expect(untold.given).not.toContain("nodeCount");
  expect(foundGraph(untold).nodes).not.toHaveLength(7);
});

test("auto gives what grain found where no size is told", async () => {
  const problem = await observedGraph(graphOf("CCO"), gcn({ hidden: 16 }, data), executor);
  const noise = gaussianNoise({ rel_noise: 0.1 });
  const told = { ...problem.knowledge, auxiliaryData: true };
  const alone = await solutionOf(auto(), { ...problem, defences: [noise], knowledge: told }, executor, 100);
  expect(alone.explanation).toContain("relaxed was not tried: it needs to be told nodeCount or adjacency");
  expect(alone.explanation).toContain("prior-only was not tried: what grain found stands");
  expect(alone.residual).toBeLessThan(1);
});

test("auto draws from the prior where grain cannot start", async () => {
  const problem = await observedGraph(graphOf("CCO"), gcn({ hidden: 16 }, data), executor);
  const batch = { ...problem, knowledge: { ...problem.knowledge, auxiliaryData: true, batchSize: 2 } };
  const drawn = await solutionOf(auto([moleculeGenerator()]), batch, executor, 100);
  expect(drawn.explanation).toContain("prior-only: It was drawn from the prior and looked at nothing else.");
  expect(drawn.value.input!.shape[0]).toBe(2);
  expect(drawn.certificate.level).toBe("none");
}, 60_000);

test("prior-only draws sizes where none is told", async () => {
  const problem = await observedGraph(graphOf("CCO"), model, executor);
  const knowledge = { ...problem.knowledge, auxiliaryData: true };
  expect(priorOnly().applies({ ...problem, knowledge })).toBe(true);
  const { value, given } = await solutionOf(priorOnly(), { ...problem, knowledge }, executor);
  expect(value.input!.shape[1]).toBeGreaterThan(3);
  expect(given).not.toContain("nodeCount");
});
