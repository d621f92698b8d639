import { type Arrays, sizeOf } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { distance, norm } from "../../arrays.ts";
import { gradient } from "../../operators/gradient.ts";
import { update } from "../../operators/update.ts";
import type { Defence } from "../../problem.ts";
import { rng } from "../../random.ts";
import { observeBatch, pickItems } from "../../testing/evaluate.ts";
import { drawBatch, referenceModel, testOperator } from "../../testing/index.ts";
import { normalisedModel } from "../../testing/normalised-model.ts";
import { dpSgd } from "../dp-sgd.ts";
import { clipPerSample } from "./clip-per-sample.ts";
import { secureAggregation } from "./secure-aggregation.ts";

const model = referenceModel();
const params = model.init(rng(1));
const batch = drawBatch(model, 4, rng(2));
const observe = (operator = gradient(), size = 4): Arrays =>
  observeBatch(operator, model, params, size === 4 ? batch : pickItems(batch, [0]));

testOperator(() => clipPerSample({ threshold: 0.5 }).operator!(gradient()), { reduction: "mean" });
testOperator(() => secureAggregation({ clients: 1 }).operator!(update({ steps: 2, rate: 0.1 })), { reduction: "none" });

describe("clipPerSample", () => {
  it("is the mean of per-sample gradients, each no longer than S", () => {
    const one = [0, 1, 2, 3].map((i) => observeBatch(gradient(), model, params, pickItems(batch, [i])));
    const sizes = one.map((g) => norm(g)).sort((a, b) => a - b);
    const threshold = (sizes[1]! + sizes[2]!) / 2;
    const seen = observe(clipPerSample({ threshold }).operator!(gradient()));
    for (const [name, { data }] of Object.entries(seen)) {
      data.forEach((value, k) => {
        const expected = one.reduce(
          (total, g) => total + (g[name]!.data[k]! * Math.min(1, threshold / norm(g))) / 4,
          0,
        );
        expect(value).toBeCloseTo(expected, 13);
      });
    }
  });

  it("changes nothing where S is large, whatever the reduction of the loss", () => {
    const wide = clipPerSample({ threshold: 1e6 }).operator!(gradient());
    expect(distance(observe(wide), observe()) / norm(observe())).toBeLessThan(1e-14);
    const summed = { ...model, lossReduction: "sum" as const };
    const total = observeBatch(wide, summed, params, batch);
    expect(norm(total) / norm(observe())).toBeCloseTo(4, 10);
  });

  it("refuses batch normalisation, which leaves no per-sample gradient", () => {
    const mixing = normalisedModel();
    const { operator } = clipPerSample({ threshold: 1 });
    const observed = (): unknown =>
      observeBatch(operator!(gradient()), mixing, mixing.init(rng(1)), drawBatch(mixing, 2, rng(2)));
    expect(observed).toThrow(/batch normalisation, which mixes the samples/);
  });

  it("refuses a bound of zero", () => {
    expect(() => clipPerSample({ threshold: 0 })).toThrow(/must be a number above 0, not 0/);
  });
});

describe("secureAggregation", () => {
  it("of one step is the gradient of all samples together, and of several steps the mean of the clients' updates", () => {
    const together = secureAggregation({ clients: 2 }).operator!;
    expect(distance(observe(together(gradient())), observe()) / norm(observe())).toBeLessThan(1e-14);
    const local = update({ steps: 3, rate: 1 });
    const halves = [
      [0, 1],
      [2, 3],
    ].map((items) => observeBatch(local, model, params, pickItems(batch, items)));
    const seen = observe(together(local));
    for (const [name, { data }] of Object.entries(seen)) {
      expect(data).toHaveLength(sizeOf(seen[name]!.shape));
      data.forEach((value, k) => {
        expect(value).toBeCloseTo((halves[0]![name]!.data[k]! + halves[1]![name]!.data[k]!) / 2, 14);
      });
    }
  });

  it("refuses a batch that cannot be shared out", () => {
    const three = secureAggregation({ clients: 3 }).operator!(gradient());
    expect(() => observe(three)).toThrow(/batch of 4 cannot be shared out evenly among 3/);
    expect(() => secureAggregation({ clients: 0 })).toThrow(/whole number of at least 1, not 0/);
  });
});

describe("local training", () => {
  const local = update({ steps: 2, rate: 0.1 });
  const wrapped = (defence: Defence) => defence.operator!(local);

  it("is told of an update only where it adds up to what is sent", () => {
    expect(wrapped(secureAggregation({ clients: 1 })).localTraining!(4)).toEqual(local.localTraining!(4));
    for (const defence of [
      clipPerSample({ threshold: 0.5 }),
      dpSgd({ clip: 0.5, noise_multiplier: 2, batch: 4 }),
      secureAggregation({ clients: 2 }),
    ]) {
      expect(wrapped(defence), defence.name).not.toHaveProperty("localTraining");
      expect(wrapped(defence)).toMatchObject({ name: "update", observes: "difference", options: local.options });
    }
  });
});

describe("dpSgd", () => {
  it("clips every sample and adds noise of z S / B to every entry", () => {
    const defence = dpSgd({ clip: 0.5, noise_multiplier: 2, batch: 4 });
    expect(defence.channel!.noiseStd({})).toBe(0.25);
    expect(norm(observe(defence.operator!(gradient())))).toBeLessThanOrEqual(0.5);
  });

  it("needs a bound, a multiplier and a batch", () => {
    expect(() => dpSgd({ clip: 1, noise_multiplier: 1 } as never)).toThrow(/"batch" of defence "dp-sgd"/);
    expect(() => dpSgd({ clip: 0, noise_multiplier: 1, batch: 1 })).toThrow(/"clip"/);
  });
});
