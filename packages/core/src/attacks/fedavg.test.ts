import { onnxruntime, relu } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { applicable } from "./applicable.ts";
import { fedavg } from "./fedavg.ts";
import { attacked, farthest, observed as observedOf, still, twoLayerNet } from "./fixtures/two-layer-update.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = twoLayerNet({ inputs: 12, hidden: 40, classes: 5, activation: relu });
const observed = (options: Parameters<typeof observedOf>[2], seed: number) => observedOf(model, 3, options, seed);

test("recovers a batch and its labels from three steps on all", { timeout: 120_000 }, async () => {
  const { problem, truth } = observed({ steps: 3, rate: 0.1 }, 3);
  const solution = await attacked(executor, problem);
  expect(solution).toMatchObject({ verdict: "recovered", certificate: { level: "exact" } });
  expect(solution.residual).toBeLessThan(1e-10);
  expect(farthest(solution, truth.input)).toBeLessThan(1e-9);
});

test.each([1, 30])("stops after %i evaluations, and says so", async (evaluations) => {
  const { problem } = observed({ steps: 5, rate: 0.1 }, 3);
  const solution = await attacked(executor, problem, { evaluations });
  expect(solution.evaluations).toBeLessThanOrEqual(evaluations);
  expect(solution.verdict).toBe("budget spent");
  expect(solution.reason).toMatch(/budget was spent on least squares/);
});

test("an update of zero is not identifiable, and says why", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1 }, 1);
  const solution = await attacked(executor, still(problem));
  expect(solution.verdict).toBe("not identifiable");
  expect(solution.reason).toMatch(/the weights did not change/);
});

test("says which knowledge it used, and refuses without what the steps were taken with", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1, momentum: 0.5, weightDecay: 0.1 }, 2);
  expect(applicable(fedavg(), problem)).toMatchObject({ reason: expect.stringMatching(/told momentum, weightDecay/) });
  const told = { ...problem, knowledge: { ...problem.knowledge, momentum: 0.5, weightDecay: 0.1 } };
  const { given } = await attacked(executor, told, { evaluations: 1 });
  expect(given).toEqual(expect.arrayContaining(["localSteps", "localLr", "momentum", "weightDecay"]));
  expect(given).not.toContain("localSchedule");
});

test("an update of nothing but decay is not identifiable either", async () => {
  const { problem } = observed({ steps: 2, rate: 0.1, weightDecay: 0.1 }, 1);
  const share = problem.operator.localTraining!(3).drift;
  const decay = Object.fromEntries(
    Object.entries(problem.params).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value) => share * value) },
    ]),
  );
  const solution = await attacked(executor, { ...problem, observation: decay });
  expect(solution.verdict).toBe("not identifiable");
  expect(solution.reason).toMatch(/changed by nothing but their decay/);
});
