import { onnxruntime } from "@recon/engine";
import { expect, test } from "vitest";
import { singularValues } from "../linear-algebra/singular-values.ts";
import { rng } from "../random.ts";
import type { Batch } from "../testing/evaluate.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { certificateOf, certifiedBesideTruth, evidenceAt } from "./fixtures/evidence.ts";
import { denseJacobian } from "./jacobian.ts";
import { jacobianEvidence } from "./jacobian-evidence.ts";

const executor = onnxruntime({ threads: 1 });

test("at the truth of a determined problem: full rank, and σ_min from below", async () => {
  const { problem, truth } = plantCase(rng(1), { model: referenceModel({ hidden: 12 }), batch: 2, labels: true });
  const found = await evidenceAt(problem, truth);
  const values = singularValues(await denseJacobian(problem, executor, truth));
  expect(found.rank).toBe(10);
  expect(found.unknowns).toBe(10);
  expect(found.smallestSingularValue).toBeLessThanOrEqual(values.at(-1)!);
  expect(found.smallestSingularValue).toBeGreaterThan(0.99 * values.at(-1)!);
  expect(certificateOf(problem, found, 2)).toBe("locally-unique");
});

test("from the Gram matrix: a bound from below again, and no rank where there is none", async () => {
  const determined = plantCase(rng(1), { model: referenceModel({ hidden: 12 }), batch: 2, labels: true });
  const found = await evidenceAt(determined.problem, determined.truth, { mostDenseNumbers: 0 });
  const values = singularValues(await denseJacobian(determined.problem, executor, determined.truth));
  expect(found.rank).toBe(10);
  expect(found.smallestSingularValue).toBeLessThanOrEqual(values.at(-1)!);
  expect(found.smallestSingularValue).toBeGreaterThan(0.2 * values.at(-1)!);
  const narrow = plantCase(rng(2), { model: referenceModel({ inputs: 30, hidden: 2 }), batch: 3, labels: true });
  const none = await evidenceAt(narrow.problem, narrow.truth, { mostDenseNumbers: 0 });
  expect(none.rank).toBeLessThan(none.unknowns);
  expect(none.smallestSingularValue).toBe(0);
});

test("a net that holds less than its inputs is never given full rank", async () => {
  // 30 inputs through 2 hidden units: at most 2 · 2 + 60 + … < 90 numbers.
  const model = referenceModel({ inputs: 30, hidden: 2 });
  const { problem, truth } = plantCase(rng(2), { model, batch: 3, labels: true });
  const found = await evidenceAt(problem, truth);
  expect(found.rank).toBeLessThan(found.unknowns);
  expect(certificateOf(problem, found, 3)).toBe("consistent");
});

test("targets that nobody told and that are not one-hot are unknowns too", async () => {
  const { problem, truth } = plantCase(rng(3), { batch: 1 });
  const soft = { ...truth, target: { ...truth.target, data: Float64Array.from([0.2, 0.5, 0.3]) } };
  expect((await evidenceAt(problem, truth)).unknowns).toBe(5);
  expect((await evidenceAt(problem, soft)).unknowns).toBe(8);
  const told = { ...problem, knowledge: { ...problem.knowledge, labels: truth.target } };
  expect((await evidenceAt(told, soft)).unknowns).toBe(5);
});

test("too many unknowns and candidates that are not finite give a reason and no evidence", async () => {
  const { problem, truth } = plantCase(rng(4), { batch: 2 });
  expect(await jacobianEvidence(problem, executor, truth, { mostUnknowns: 9 })).toEqual({
    reason: "The Jacobian in 10 unknowns was not computed: the limit is 9.",
  });
  const broken = { ...truth, input: { ...truth.input, data: truth.input.data.map(() => Number.NaN) } };
  expect(await jacobianEvidence(problem, executor, broken as Batch)).toMatchObject({ reason: /not finite/ });
});

test("no certificate that rests on it is refuted by the truth, on drawn nets and candidates beside the truth", async () => {
  expect(await certifiedBesideTruth(rng("ordinary"), 10)).toBeGreaterThan(1);
});
