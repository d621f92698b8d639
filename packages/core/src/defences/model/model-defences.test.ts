import { describe, expect, it } from "vitest";
import { distance, norm } from "../../arrays.ts";
import { fitOf } from "../../attacks/forward.ts";
import { gradient } from "../../operators/gradient.ts";
import { drawNuisances } from "../../operators/observation-graph.ts";
import { update } from "../../operators/update.ts";
import { rng } from "../../random.ts";
import { observeBatch } from "../../testing/evaluate.ts";
import { drawBatch, plantCase, referenceExecutor, referenceModel, testModel } from "../../testing/index.ts";
import { bottleneck } from "./bottleneck.ts";
import { dropout } from "./dropout.ts";

const plain = referenceModel({ hidden: 12 });
const params = plain.init(rng(1));
const batch = drawBatch(plain, 3, rng(2));

testModel(() => dropout({ rate: 0.5 }).model!(referenceModel()), { mode: "train" });
testModel(() => bottleneck({ width: 3 }).model!(referenceModel()), {
  parameters: 5 * 4 + 4 + 4 * 3 + 3 + 6 * 5 + 4 * 4,
});

describe("dropout", () => {
  const model = dropout({ rate: 0.5 }).model!(plain);
  const nuisances = drawNuisances(model, 3, rng(3));
  const kept = Array.from(nuisances["dropout of w1"]!.data.subarray(0, 12));

  it("leaves out units for the whole batch: their rows of the gradient are zero, and the others are not", () => {
    const seen = observeBatch(gradient(), model, params, batch, nuisances);
    expect(kept.filter((value) => value === 0).length).toBeGreaterThan(0);
    expect(kept.filter((value) => value === 2).length).toBeGreaterThan(0);
    kept.forEach((value, j) => {
      const row = seen.w1!.data.slice(5 * j, 5 * j + 5);
      expect(row.some((entry) => entry !== 0)).toBe(value !== 0);
    });
  });

  it("scales what stays, so that with all units kept by chance it is the net with doubled activations", () => {
    const all = { "dropout of w1": { shape: [3, 12], data: new Float64Array(36).fill(2) } };
    const doubled = { ...params, w2: { shape: params.w2!.shape, data: params.w2!.data.map((value) => 2 * value) } };
    const seen = observeBatch(gradient(), model, params, batch, all);
    const expected = observeBatch(gradient(), plain, doubled, batch);
    expect(distance({ w1: seen.w1! }, { w1: expected.w1! })).toBeLessThan(1e-14);
  });

  it("lets the attacker read the units off the gradient, and explain it with them", async () => {
    const { problem, truth } = plantCase(rng(4), { model, batch: 2 });
    const visible = dropout({ rate: 0.5 }).channel!.visible!(problem.observation);
    const told = { ...problem, knowledge: { ...problem.knowledge, ...visible } };
    expect((await fitOf(told, referenceExecutor(), truth)).residual).toBeLessThan(1e-12);
    // Whoever takes the net without dropout cannot.
    expect((await fitOf(problem, referenceExecutor(), truth)).residual).toBeGreaterThan(1e-3);
  });

  it("is no dropout in eval mode, and the same in every local step", () => {
    expect(observeBatch(gradient({ mode: "eval" }), model, params, batch, nuisances)).toEqual(
      observeBatch(gradient({ mode: "eval" }), plain, params, batch),
    );
    const u = observeBatch(update({ steps: 3, rate: 0.1 }), model, params, batch, nuisances);
    kept.forEach((value, j) => {
      expect(u.w1!.data.slice(5 * j, 5 * j + 5).some((entry) => entry !== 0)).toBe(value !== 0);
    });
  });

  it("refuses a rate of 1 and a model without hidden units", () => {
    expect(() => dropout({ rate: 1 })).toThrow(/from 0 to below 1, not 1. At 1 no unit is left/);
  });
});

describe("bottleneck", () => {
  const model = bottleneck({ width: 3 }).model!(plain);
  const weights = model.init(rng(5));

  it("keeps the model's own weights and passes the features through a random code", () => {
    expect(weights.w1).toEqual(plain.init(rng(5)).w1);
    const one = observeBatch(gradient(), model, weights, batch, drawNuisances(model, 3, rng(6)));
    const other = observeBatch(gradient(), model, weights, batch, drawNuisances(model, 3, rng(7)));
    expect(distance(one, other) / norm(one)).toBeGreaterThan(1e-3);
  });

  it("leaves the identity of the first layer intact: its gradient still has the data as its row space", () => {
    const { input } = drawBatch(plain, 1, rng(8));
    const single = { input, target: drawBatch(plain, 1, rng(8)).target };
    const seen = observeBatch(gradient(), model, weights, single);
    const ratio = Array.from({ length: 5 }, (_, k) => seen.w1!.data[k]! / seen.b1!.data[0]!);
    ratio.forEach((value, k) => {
      expect(value).toBeCloseTo(input.data[k]!, 10);
    });
  });

  it("refuses a width of zero", () => {
    expect(() => bottleneck({ width: 0 })).toThrow(/whole number of at least 1, not 0/);
  });
});
