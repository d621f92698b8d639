import { applicable, gradient, type Problem } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { molecules } from "../data/molecules.ts";
import { gcn } from "../models/gcn.ts";
import { moleculeGenerator } from "../priors/molecule-generator.ts";
import { type Audited, audited } from "./fixtures/audited.ts";
import { relaxed } from "./relaxed.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1, idlePrograms: 8 });
afterAll(() => executor.dispose());
// Reading the lists takes seconds, and each test would wait for the first.
beforeAll(async () => {
  await moleculeGenerator().scorer(source.domain);
}, 120_000);

const source = molecules({ atoms: [4, 8] });
const model = gcn({ hidden: 32 }, { input: [8, 36], classes: 2, domain: source.domain });
const shared = { executor, model, source, seed };
const mean = (of: "metric" | "floor", results: readonly Audited[]): number =>
  results.reduce((sum, result) => sum + result[of].node_f1!, 0) / results.length;

describe(`relaxed graphs (RECON_TEST_SEED=${seed})`, () => {
  test("told the adjacency, most atoms come back, far more than a guess has right", async () => {
    const results = await audited({
      ...shared,
      attack: relaxed(),
      told: ["adjacency"],
      // Scores of single molecules vary more than the attack gains, so that few of them decide nothing.
      trials: 30,
      evaluations: 120,
    });
    expect(mean("metric", results)).toBeGreaterThan(mean("floor", results));
    for (const { given, certificate, metric } of results) {
      expect(given).toContain("adjacency");
      expect(["none", "consistent"]).toContain(certificate);
      expect(metric.edge_f1!).toBeGreaterThanOrEqual(0);
    }
  });

  test("a prior finds more atoms, and the attack says that it has one", async () => {
    const [plain, informed] = [
      await audited({ ...shared, attack: relaxed(), told: ["adjacency"], trials: 16, evaluations: 60 }),
      await audited({
        ...shared,
        attack: relaxed({}, [moleculeGenerator()]),
        told: ["adjacency", "auxiliaryData"],
        trials: 16,
        evaluations: 60,
      }),
    ];
    expect(mean("metric", informed)).toBeGreaterThan(mean("metric", plain));
    expect(informed[0]!.given).toContain("auxiliaryData");
    expect(informed[0]!.evaluations).toBeLessThanOrEqual(60);
  });

  test("what is told of a batch stays as it was told, for each graph its own size", async () => {
    const attack = relaxed({ smoothness: 0.01, sparsity: 0.01 });
    const found = await audited({ ...shared, attack, told: ["nodeCount", "labels"], batch: 2, evaluations: 20 });
    expect(found).toHaveLength(2);
    const other = await audited({
      ...shared,
      attack: relaxed({ discrepancy: "squared" }),
      told: ["nodeFeatures"],
      evaluations: 20,
    });
    expect(other[0]!.metric.node_f1).toBe(1);
  });
});

test("without the number of nodes it says what it needs", () => {
  const knowledge = { architecture: true, weights: true, batchSize: 1 };
  const problem = { model, domain: source.domain, operator: gradient(), knowledge, defences: [] } as unknown as Problem;
  expect(applicable(relaxed(), problem)).toMatchObject({ reason: expect.stringContaining("nodeCount") });
});
