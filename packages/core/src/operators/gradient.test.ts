import { graph, nodesOf } from "@recon/engine";
import { expect, test } from "vitest";
import { modelState } from "../model-state.ts";
import { rng } from "../random.ts";
import { drawBatch } from "../testing/draw.ts";
import { observeBatch, relativeDifference } from "../testing/evaluate.ts";
import { normalisedModel } from "../testing/normalised-model.ts";
import { gradient } from "./gradient.ts";
import { observationGraph, parameterInputs } from "./observation-graph.ts";

const model = normalisedModel();
const params = model.init(rng(1));
const batch = drawBatch(model, 3, rng(2));

test("buffers are inputs of every program, and have no gradient", () => {
  expect(Object.keys(modelState(model))).toEqual(["w1", "b1", "w2", "b2", "average", "spread"]);
  expect(Object.keys(parameterInputs(model))).toContain("parameter average");
  for (const mode of ["train", "eval"] as const) {
    const observed = observeBatch(gradient({ mode }), model, params, batch);
    expect(Object.keys(observed)).toEqual(["w1", "b1", "w2", "b2"]);
  }
});

test("the mode decides whether buffers are read", () => {
  const { inputs, outputs } = observationGraph(model, gradient({ mode: "train" }), 3);
  expect(nodesOf(graph(inputs, outputs))).not.toContain(inputs["parameter average"]);
  const other = { ...params, average: { shape: [5], data: new Float64Array(5).fill(0.7) } };
  const change = (mode: "train" | "eval"): number => {
    const observe = (weights: typeof params) => observeBatch(gradient({ mode }), model, weights, batch);
    return relativeDifference(observe(params), observe(other));
  };
  expect(change("train")).toBe(0);
  expect(change("eval")).toBeGreaterThan(1e-3);
});

test("with the statistics of the batch in its buffers, eval mode observes what train mode does", () => {
  // The weights come after the normalisation here, so that their gradient does not see that the statistics move with the data.
  const rows = [0, 1, 2].map((i) => Array.from(batch.input.data.subarray(i * 5, i * 5 + 5)));
  const average = Float64Array.from({ length: 5 }, (_, k) => rows.reduce((total, row) => total + row[k]! / 3, 0));
  const spread = average.map((mean, k) => rows.reduce((total, row) => total + (row[k]! - mean) ** 2 / 3, 0));
  const own = { ...params, average: { shape: [5], data: average }, spread: { shape: [5], data: spread } };
  const observe = (mode: "train" | "eval") => observeBatch(gradient({ mode }), model, own, batch);
  expect(relativeDifference(observe("train"), observe("eval"))).toBeLessThan(1e-12);
});
