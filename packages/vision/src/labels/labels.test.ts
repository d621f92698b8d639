import { gradient, type Model, rng } from "@recon/core";
import { type Arrays, graph, input, interpret, type NdArray, softmax } from "@recon/engine";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { photographs } from "../data/photographs.ts";
import { mlp } from "../models/mlp.ts";
import { type HeadGradient, headGradient } from "./head-gradient.ts";
import {
  analyticLabels,
  biasCorrectedLabels,
  classCounts,
  idlgLabel,
  wainakhSimpleLabels,
  yinLabels,
} from "./recover-labels.ts";

const seed = 20261122;

/** Observed gradient and softmax of a model for real photographs with given labels. */
async function observed(
  model: Model,
  params: Arrays,
  labels: readonly number[],
): Promise<{ observation: Arrays; softmax: NdArray }> {
  const photos = await photographs({ size: 12 }).open();
  const items = await Promise.all(labels.map((_, i) => photos.item(i)));
  const batch = {
    input: {
      shape: [labels.length, 3, 12, 12],
      data: Float64Array.from(items.flatMap((item) => Array.from(item.input.data))),
    },
    target: {
      shape: [labels.length, 10],
      data: Float64Array.from(labels.flatMap((label) => Array.from({ length: 10 }, (_, k) => (k === label ? 1 : 0)))),
    },
  };
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const data = { input: input("input", batch.input.shape), target: input("target", batch.target.shape) };
  const outputs = {
    ...gradient().observe(model, parameters, data),
    softmax: softmax(model.forward(parameters, data, "train")),
  };
  const { softmax: probabilities, ...observation } = interpret(graph({ ...parameters, ...data }, outputs), {
    ...params,
    ...batch,
  });
  return { observation, softmax: probabilities! };
}

describe("the probe: labels 1, 1, 1, 4, 7", () => {
  const model = mlp({ sizes: [432, 64, 32, 10] }, { input: [3, 12, 12], classes: 10 });
  const labels = [1, 1, 1, 4, 7];
  let head: HeadGradient;
  beforeAll(async () => {
    const { observation } = await observed(model, model.init(rng(5)), labels);
    head = headGradient(observation, 10);
  });
  test("biasCorrected and wainakhSimple are exact", () => {
    expect(biasCorrectedLabels(head, 5)).toEqual(labels);
    expect(wainakhSimpleLabels(head, 5)).toEqual(labels);
  });
  test("analytic finds each class once and draws the rest", () => {
    const found = analyticLabels(head, 5, rng(0));
    expect(found).toHaveLength(5);
    for (const label of [1, 4, 7]) expect(found).toContain(label);
    expect(analyticLabels(head, 3, rng(0))).toEqual([1, 4, 7]);
    expect(analyticLabels(head, 1, rng(0))).toEqual([1]);
  });
  test("yin returns five different classes, the three true ones among them", () => {
    const found = yinLabels(head, 5);
    expect(new Set(found).size).toBe(5);
    for (const label of [1, 4, 7]) expect(found).toContain(label);
  });
  test("idlg finds the most frequent one", () => {
    expect(idlgLabel(head)).toBe(1);
  });
  test("without the bias only ways that need it refuse", () => {
    const { bias: _, ...weightOnly } = head;
    expect(wainakhSimpleLabels(weightOnly, 5)).toEqual(labels);
    expect(() => biasCorrectedLabels(weightOnly, 5)).toThrow(expect.objectContaining({ code: "no-head" }));
  });
});

test("one sample: idlg names the label of any photograph, with ReLU features", async () => {
  const model = mlp({ sizes: [432, 40, 10] }, { input: [3, 12, 12], classes: 10 });
  for (let label = 0; label < 10; label++) {
    const { observation } = await observed(model, model.init(rng(label)), [label]);
    expect(idlgLabel(headGradient(observation, 10))).toBe(label);
    expect(biasCorrectedLabels(headGradient(observation, 10), 1)).toEqual([label]);
  }
});

/** Head gradient of exactly uniform predictions and features that all samples share: the case in which every formula is exact. */
function uniformHead(labels: readonly number[], classes: number, features: readonly number[]): HeadGradient {
  const bias = Float64Array.from(
    { length: classes },
    (_, k) => 1 / classes - labels.filter((label) => label === k).length / labels.length,
  );
  const weight = Float64Array.from(
    { length: classes * features.length },
    (_, i) => bias[Math.floor(i / features.length)]! * features[i % features.length]!,
  );
  return {
    classes,
    weight: { shape: [classes, features.length], data: weight },
    bias: { shape: [classes], data: bias },
  };
}

describe("uniform predictions", () => {
  const drawn = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
    .map((labels) => [...labels].sort((a, b) => a - b));
  test("counts are exact for any labels", () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 4 }), (labels, steps) => {
        const head = uniformHead(labels, 10, [0.5, 2, 0, 1]);
        const summed = { ...head, weight: { ...head.weight, data: head.weight.data.map((v) => v * steps) } };
        const found = classCounts(summed, {
          batch: labels.length,
          probabilities: new Float64Array(10).fill(0.1),
          featureSum: 3.5,
          steps,
        });
        expect(found).toEqual(Array.from({ length: 10 }, (_, k) => labels.filter((label) => label === k).length));
      }),
      { seed },
    );
  });
  test("biasCorrected returns B labels and misses none that occurs while there are fewer samples than classes", () => {
    fc.assert(
      fc.property(
        drawn.filter((labels) => labels.length < 10),
        (labels) => {
          const found = biasCorrectedLabels(uniformHead(labels, 10, [1]), labels.length);
          expect(found).toHaveLength(labels.length);
          expect(new Set(found)).toEqual(new Set(labels));
        },
      ),
      { seed },
    );
  });
});

test("counts round to the batch by largest remainder, without negative counts", () => {
  const head: HeadGradient = { classes: 3, weight: { shape: [3, 1], data: Float64Array.of(-0.2, -0.1, 0.9) } };
  // 4 · (1/3 + .2), 4 · (1/3 + .1) and nothing: 2.13 and 1.73, scaled to 2.207 and 1.793.
  expect(classCounts(head, { batch: 4, probabilities: [1 / 3, 1 / 3, 1 / 3], featureSum: 1 })).toEqual([2, 2, 0]);
});

describe("the head is found by shape", () => {
  const array = (...shape: number[]): NdArray => ({ shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) });
  test("also when it is not last, and without a bias", () => {
    const weight = array(10, 7);
    const bias = array(10);
    expect(headGradient({ a: array(10, 3), w: weight, b: bias, scale: array(1) }, 10)).toEqual({
      classes: 10,
      weight,
      bias,
    });
    expect(headGradient({ w: weight, other: array(4) }, 10)).toEqual({ classes: 10, weight });
  });
  test("or said to be missing", () => {
    expect(() => headGradient({ w: array(7, 10), b: array(10) }, 10)).toThrow(
      expect.objectContaining({ code: "no-head" }),
    );
  });
  test("bad batch sizes are refused", () => {
    const head: HeadGradient = { classes: 3, weight: array(3, 2), bias: array(3) };
    for (const batch of [0, -1, 1.5, Number.NaN])
      expect(() => biasCorrectedLabels(head, batch)).toThrow(expect.objectContaining({ code: "bad-batch" }));
    expect(() => yinLabels(head, 4)).toThrow("at most 3");
  });
});
