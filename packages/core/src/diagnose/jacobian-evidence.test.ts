import { expect, test } from "vitest";
import { distance, norm } from "../arrays.ts";
import { certify, type Evidence, impliedError, type JacobianEvidence } from "../certificate/certify.ts";
import { singularValues } from "../linear-algebra/singular-values.ts";
import type { Problem } from "../problem.ts";
import { rng } from "../random.ts";
import type { Batch } from "../testing/evaluate.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { drawnNet } from "./fixtures/drawn-net.ts";
import { denseJacobian } from "./jacobian.ts";
import { jacobianEvidence } from "./jacobian-evidence.ts";

const executor = referenceExecutor();

async function evidenceAt(problem: Problem, value: Batch, options = {}): Promise<JacobianEvidence> {
  const found = await jacobianEvidence(problem, executor, value, options);
  if (!("rank" in found)) throw new Error(found.reason);
  return found;
}

const certificateOf = (problem: Problem, jacobian: JacobianEvidence, batch: number) => {
  const evidence: Evidence = {
    residual: jacobian.residualNorm / Math.max(1e-300, norm(problem.observation)),
    tolerance: 1e-10,
    noiseStd: 0,
    samples: batch,
    batch: { kind: "given", size: batch },
    jacobian,
  };
  return certify(evidence).level;
};

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
  let certified = 0;
  for (let seed = 0; seed < 16; seed++) {
    const stream = rng(`evidence ${seed}`);
    const model = drawnNet(stream.split("net"));
    const batch = 1 + (seed % 2);
    const { problem, truth } = plantCase(stream, { model, batch, labels: true });
    // The candidate is as far from the truth as the residual tolerance lets it be, in a drawn direction.
    const push = stream.split("push");
    const size = 10 ** (-14 + 6 * push.uniform());
    const data = Float64Array.from(truth.input.data, (value) => value + size * push.normal());
    const value = { ...truth, input: { ...truth.input, data } };
    const found = await evidenceAt(problem, value);
    if (certificateOf(problem, found, batch) !== "locally-unique") continue;
    certified++;
    expect(distance({ input: value.input }, { input: truth.input }), `${seed}`).toBeLessThan(10 * impliedError(found));
  }
  expect(certified).toBeGreaterThan(2);
});
