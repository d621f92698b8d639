import { type Arrays, onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { binaryNet } from "../fixtures/binary-net.ts";
import { gradient } from "../operators/gradient.ts";
import { stationarity } from "../operators/stationarity.ts";
import type { Model, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { plantCase, referenceDomain } from "../testing/planted-case.ts";
import { analytic } from "./analytic.ts";
import { applicable } from "./applicable.ts";
import { kkt } from "./kkt.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = binaryNet({ sizes: [2, 200, 1] });
const points = 10;

/** Points on the circle and their labels. */
function circle(label: (i: number) => number): Arrays {
  const jitter = rng("circle");
  const angles = Array.from(
    { length: points },
    (_, i) => (2 * Math.PI * (i + 0.4 * (jitter.uniform() - 0.5))) / points,
  );
  return {
    input: {
      shape: [points, 2],
      data: Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    },
    target: { shape: [points, 1], data: Float64Array.from(angles, (_, i) => label(i)) },
  };
}

async function attacked(data: Arrays, net: Model = model, steps = 12_000): Promise<Solution> {
  const operator = stationarity({ steps, first_layer: 1e-2 });
  const params = await operator.release!({ model: net, operator, params: {}, data, executor, rng: rng(5) });
  const bound = { shape: [], data: Float64Array.of(1.5) };
  const domain = { ...referenceDomain([2]), upper: bound, lower: { shape: [], data: Float64Array.of(-1.5) } };
  const knowledge = { architecture: true, weights: true, batchSize: data.input!.shape[0]! };
  const problem: Problem = {
    ...{
      model: net,
      operator,
      params,
      domain,
      knowledge,
      observation: params,
      defences: [],
      observationPrecision: "float64",
    },
  };
  const signal = new AbortController().signal;
  for await (const event of kkt({ settings: 3, runs: 1, steps: 400 }).run(problem, {
    executor,
    signal,
    rng: rng(6),
    budget: { evaluations: 1000 },
  })) {
    if (event.kind === "solution") return event;
  }
  throw new Error("no solution");
}

test("points of the plane come out where kinks meet", async () => {
  const data = circle((i) => i % 2);
  const { value, certificate, residual, verdict, reason } = await attacked(data);
  const truth = data.input!.data;
  const found = value.input!;
  for (let i = 0; i < points; i++) {
    const errors = Array.from({ length: found.shape[0]! }, (_, k) =>
      Math.hypot(found.data[2 * k]! - truth[2 * i]!, found.data[2 * k + 1]! - truth[2 * i + 1]!),
    );
    const nearest = errors.indexOf(Math.min(...errors));
    expect(errors[nearest]).toBeLessThan(0.01);
    expect(value.target!.data[nearest]).toBe(data.target!.data[i]);
  }
  expect(found.shape[0]).toBeLessThanOrEqual(points + 1);
  expect(certificate.level).toBe("none");
  // The points lie at kinks, whose derivative nothing fixes, so that they leave most of the weights unexplained.
  expect(residual).toBeGreaterThan(0.3);
  expect(verdict).toBe("budget spent");
  expect(reason).toMatch(/residual .* margins from/);
}, 120_000);

test("a victim that collapsed does not determine the data, and that is said", async () => {
  const { verdict, reason } = await attacked(circle((i) => Number(i < points / 2)));
  expect(verdict).toBe("not identifiable");
  expect(reason).toMatch(/collapsed to \d distinct units/);
}, 120_000);

test("data away from its bounds is searched for, and the reason says how far that came", async () => {
  const [items, width] = [4, 9];
  const r = rng("inside the box");
  const data = {
    input: { shape: [items, width], data: Float64Array.from({ length: items * width }, () => 0.4 * r.normal()) },
    target: { shape: [items, 1], data: Float64Array.of(1, 0, 1, 0) },
  };
  const { value, verdict, reason, residual, evaluations } = await attacked(
    data,
    binaryNet({ sizes: [width, 30, 1] }),
    3000,
  );
  expect(reason).toMatch(/run.*, from 3 settings that were compared by their residual/);
  expect(verdict).toBe(residual <= 0.3 ? "partial" : "budget spent");
  expect(value.input!.shape).toEqual([2 * items, width]);
  expect(evaluations).toBeLessThanOrEqual(1000);
  expect(residual).toBeLessThan(0.6);
}, 120_000);

test("it reads trained weights only, and other attacks leave these alone", () => {
  const { problem } = plantCase(rng(1), { model, operator: gradient(), batch: 2 });
  expect(applicable(kkt(), problem)).toMatchObject({
    reason: expect.stringMatching(/reads weights .* of the kind gradient/),
  });
  const trained = { ...problem, operator: stationarity() };
  expect(applicable(kkt(), trained)).toBe(true);
  expect(applicable(analytic(), trained)).toMatchObject({
    reason: expect.stringMatching(/does not solve for the multipliers/),
  });
  const biased = { ...trained, model: binaryNet({ sizes: [2, 8, 1], biased: [0, 1] }) };
  expect(applicable(kkt(), biased)).toMatchObject({ reason: expect.stringMatching(/layer b1 .* first layer alone/) });
});
