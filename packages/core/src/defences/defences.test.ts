import { type Arrays, constant, graph, interpret } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { distance, norm } from "../arrays.ts";
import { gradient } from "../operators/gradient.ts";
import type { Defence } from "../problem.ts";
import { rng } from "../random.ts";
import { drawNormal } from "../testing/draw.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { clipNorm } from "./channel/clip.ts";
import { gaussianNoise } from "./channel/noise.ts";
import { composeDefences } from "./compose.ts";
import { defenceFactories } from "./factories.ts";

const array = (...data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });

describe("clipNorm", () => {
  it("scales the whole observation to norm C: (3, 4), (12) has norm 13", () => {
    const seen = clipNorm({ threshold: 6.5 }).channel!.apply({ a: array(3, 4), b: array(12) }, rng(1));
    expect(seen).toEqual({ a: array(1.5, 2), b: array(6) });
  });

  it("leaves smaller observations alone, and zero", () => {
    const { channel } = clipNorm({ threshold: 20 });
    expect(channel!.apply({ a: array(3, 4) }, rng(1))).toEqual({ a: array(3, 4) });
    expect(channel!.apply({ a: array(0, 0) }, rng(1))).toEqual({ a: array(0, 0) });
    const known = channel!.known({ a: constant([0, 0], [2]) });
    expect(Array.from(interpret(graph({}, known), {}).a!.data)).toEqual([0, 0]);
  });
});

describe("gaussianNoise", () => {
  it("has the stated spread: std over 40 000 entries within 2 percent", () => {
    const clean = { a: drawNormal([40_000], rng(2)) };
    const absolute = gaussianNoise({ std: 0.7 }).channel!.apply(clean, rng(3));
    expect(distance(absolute, clean) / 200).toBeCloseTo(0.7, 1);
    const big = { a: { shape: [40_000], data: clean.a.data.map((v) => 50 * v) } };
    const { channel } = gaussianNoise({ rel_noise: 0.1 });
    const seen = channel!.apply(big, rng(3));
    const std = distance(seen, big) / 200;
    expect(Math.abs(std / (0.1 * (norm(big) / 200)) - 1)).toBeLessThan(0.02);
    // The attacker reads it off what it sees.
    expect(Math.abs(channel!.noiseStd(seen) / std - 1)).toBeLessThan(0.02);
  });

  it("takes the scale of relative noise over the whole observation, not a tensor", () => {
    const clean = { large: array(...new Array(1000).fill(10)), small: array(...new Array(1000).fill(0)) };
    const seen = gaussianNoise({ rel_noise: 1 }).channel!.apply(clean, rng(4));
    const spread = norm({ small: seen.small! }) / Math.sqrt(1000);
    expect(spread / Math.sqrt(50)).toBeGreaterThan(0.93);
    expect(spread / Math.sqrt(50)).toBeLessThan(1.07);
  });

  it("is proper where the attacker knows σ, and has no likelihood without noise", () => {
    const seen = { a: array(1, 2) };
    expect(gaussianNoise({ std: 1 }).channel!.likelihood!(seen).proper).toBe(true);
    expect(gaussianNoise({ rel_noise: 1 }).channel!.likelihood!(seen).proper).toBe(false);
    expect(gaussianNoise({ std: 0 }).channel!.likelihood).toBeUndefined();
  });

  it("needs exactly one option", () => {
    const both = { std: 1, rel_noise: 1 };
    expect(() => gaussianNoise(both)).toThrow(/exactly one of the options "std" and "rel_noise"/);
    expect(() => defenceFactories["gaussian-noise"]!({})).toThrow(/exactly one/);
  });
});

describe("options", () => {
  const bad: readonly (readonly [string, string, unknown])[] = [
    ["clip-norm", "threshold", 0],
    ["clip-norm", "threshold", -1],
    ["clip-norm", "threshold", Number.NaN],
    ["clip-norm", "threshold", Number.POSITIVE_INFINITY],
    ["clip-norm", "threshold", "1"],
    ["clip-norm", "threshold", undefined],
    ["gaussian-noise", "std", -0.1],
    ["gaussian-noise", "std", Number.NaN],
    ["gaussian-noise", "rel_noise", -1],
    ["gaussian-noise", "rel_noise", "much"],
    ["gaussian-noise", "rel_noise", null],
  ];
  it.each(bad)("%s with %s = %s is a clear error", (name, option, given) => {
    const make = () => defenceFactories[name]!({ [option]: given as number });
    expect(make).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(make).toThrow(new RegExp(`"${option}".*"${name}".* must be a number`));
  });

  it("names an option that does not exist and those that do", () => {
    expect(() => defenceFactories["gaussian-noise"]!({ sigma: 1 })).toThrow(
      /no option "sigma"; allowed: std, rel_noise/,
    );
    expect(() => defenceFactories["clip-norm"]!({ threshold: 1, per: "sample" })).toThrow(
      /no option "per"; allowed: threshold/,
    );
  });

  it("rel_noise 0 is the identity", () => {
    const clean = { a: array(1, 2, 3) };
    expect(gaussianNoise({ rel_noise: 0 }).channel!.apply(clean, rng(1))).toEqual(clean);
  });
});

describe("composeDefences", () => {
  const shift = (by: number): Defence => ({
    name: `shift ${by}`,
    options: { by },
    channel: {
      apply: (clean) =>
        Object.fromEntries(Object.entries(clean).map(([n, a]) => [n, { ...a, data: a.data.map((v) => v + by) }])),
      known: (clean) => clean,
      noiseStd: () => 0,
      visible: () => ({ [`shift ${by}`]: true, last: by }),
    },
  });

  it("applies channels in order, on the streams named by their places", () => {
    const clean: Arrays = { a: array(30, 40) };
    const noise = gaussianNoise({ std: 0.1 });
    const both = composeDefences([clipNorm({ threshold: 5 }), noise]).channel!;
    const byHand = noise.channel!.apply({ a: array(3, 4) }, rng(6).split("channel 1"));
    expect(both.apply(clean, rng(6))).toEqual(byHand);
    const reverse = composeDefences([noise, clipNorm({ threshold: 5 })]).channel!.apply(clean, rng(6));
    expect(norm(reverse)).toBeCloseTo(5, 12);
  });

  it("puts the known part before the likelihood of a last noisy stage", () => {
    const both = composeDefences([clipNorm({ threshold: 5 }), gaussianNoise({ std: 0.5 })]).channel!;
    const seen = { a: array(3, 4) };
    const { negativeLog } = both.likelihood!(seen);
    const at = (...clean: number[]) => {
      const value = negativeLog({ a: constant(clean, [2]) }, { a: constant([3, 4], [2]) });
      return interpret(graph({}, { value }), {}).value!.data[0]!;
    };
    expect(at(300, 400)).toBeCloseTo(0, 12);
    // Clipped to (5, 0): (2² + 4²) / (2 · .25).
    expect(at(10, 0)).toBeCloseTo(40, 12);
  });

  it("states no likelihood when noise comes before a later stage", () => {
    const noise = gaussianNoise({ std: 0.5 });
    expect(composeDefences([noise, clipNorm({ threshold: 5 })]).channel!.likelihood).toBeUndefined();
    expect(composeDefences([noise, noise]).channel!.likelihood).toBeUndefined();
  });

  it("merges what is visible, the last word first, back to the noise that hides the rest", () => {
    const seen = { a: array(1) };
    const visible = (...defences: Defence[]) => composeDefences(defences).channel!.visible!(seen);
    expect(visible(shift(1), shift(2))).toEqual({ "shift 1": true, "shift 2": true, last: 2 });
    expect(visible(shift(1), gaussianNoise({ std: 1 }), shift(2))).toEqual({ "shift 2": true, last: 2 });
  });

  it("adds independent noise in quadrature", () => {
    const both = composeDefences([gaussianNoise({ std: 3 }), gaussianNoise({ std: 4 })]).channel!;
    expect(both.noiseStd({ a: array(1) })).toBe(5);
  });

  it("maps models and operators in order", () => {
    const renamed = (suffix: string): Defence => ({
      name: suffix,
      options: {},
      model: (model) => ({ ...model, name: `${model.name}${suffix}` }),
      operator: (operator) => ({ ...operator, name: `${operator.name}${suffix}` }),
    });
    const both = composeDefences([renamed("-a"), clipNorm({ threshold: 1 }), renamed("-b")]);
    expect(both.model!(referenceModel()).name).toBe("reference-a-b");
    expect(both.operator!(gradient()).name).toBe("gradient-a-b");
  });

  it("is nothing without defences, and has no channel without channels", () => {
    const none = composeDefences([]);
    expect(none).toMatchObject({ name: "none", options: [] });
    expect(none.channel).toBeUndefined();
  });
});
