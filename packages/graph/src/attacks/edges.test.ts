import { applicable, type Problem } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { karate } from "../data/karate.ts";
import { gcn } from "../models/gcn.ts";
import { projectEdges } from "./edges/project-edges.ts";
import { audited } from "./fixtures/audited.ts";
import { graphMi } from "./graph-mi.ts";
import { linkStealing } from "./link-stealing.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1, idlePrograms: 8 });
afterAll(() => executor.dispose());

const source = karate();
const model = gcn({ hidden: 64, layers: 1 }, { input: [34, 68], classes: 2, domain: source.domain });
const told = ["nodeFeatures", "labels", "edgeDensity"];
const training = { steps: 200, batch: 1, rate: 0.01 };

describe(`edges of the karate club (RECON_TEST_SEED=${seed})`, () => {
  test.each([
    ["graph-mi", graphMi(), 0.74],
    ["link-stealing", linkStealing({ similarity: "cosine" }), 0.62],
  ])("%s ranks friendships above other pairs", async (_, attack, least) => {
    const [found] = await audited({ executor, model, source, attack, told, training, evaluations: 101, seed });
    expect(found!.metric.auc).toBeGreaterThan(least);
    expect(found!.certificate).toBe("none");
    expect(found!.evaluations).toBeLessThanOrEqual(101);
  });

  test("weights that saw no edge give none away", async () => {
    const untrained = await audited({ executor, model, source, attack: linkStealing(), told, evaluations: 1, seed });
    expect(untrained[0]!.metric.auc).toBeGreaterThan(0.35);
    expect(untrained[0]!.metric.auc).toBeLessThan(0.65);
  });
});

test("the projection is onto the box where the budget allows, else onto the plane of the budget", () => {
  const inside = Float64Array.of(5, 0.2, 1.5, 0.4, 5, -1, 1.5, -1, 5);
  projectEdges(inside, 3, 2);
  // The mean of the two entries, clamped.
  expect(Array.from(inside)).toEqual([0, 0.30000000000000004, 1, 0.30000000000000004, 0, 0, 1, 0, 0]);
  const outside = Float64Array.of(0, 0.9, 0.7, 0.9, 0, 0.1, 0.7, 0.1, 0);
  projectEdges(outside, 3, 1);
  const [, ab, ac, , , bc] = Array.from(outside);
  expect(ab! + ac! + bc!).toBeCloseTo(1, 9);
  expect(ab! - ac!).toBeCloseTo(0.2, 9);
  expect(bc).toBe(0);
});

test("without features or with one class a graph it says why not", () => {
  const problem = { model, domain: source.domain, knowledge: { architecture: true, weights: true } };
  expect(applicable(linkStealing(), problem as unknown as Problem)).toMatchObject({
    reason: expect.stringContaining("nodeFeatures"),
  });
});
