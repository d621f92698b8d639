import { type Arrays, constant, grad, graph, input, interpret, onnxruntime, type Tensors } from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { clipNorm } from "../defences/channel/clip.ts";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { rng } from "../random.ts";
import { demandDerivative } from "../testing/derivative.ts";
import { drawLike } from "../testing/draw.ts";
import { cosine, maskedCosine } from "./cosine.ts";
import { cosineLayer } from "./cosine-layer.ts";
import type { Discrepancy } from "./discrepancy.ts";
import { l1 } from "./l1.ts";
import { layerWeights } from "./layer-weights.ts";
import { likelihood } from "./likelihood.ts";
import { squared } from "./squared.ts";
import { tag } from "./tag.ts";

const array = (...data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
const candidate: Arrays = { a: array(3, 4), b: array(0) };
const observed: Arrays = { a: array(4, 3), b: array(2) };

function fixed(arrays: Arrays): Tensors {
  return Object.fromEntries(Object.entries(arrays).map(([name, { shape, data }]) => [name, constant(data, shape)]));
}

function value(discrepancy: Discrepancy, x: Arrays, y: Arrays): number {
  const distance = discrepancy.distance(fixed(x), fixed(y));
  return interpret(graph({}, { distance }), {}).distance!.data[0]!;
}

const noisy = likelihood({ defence: gaussianNoise({ std: 0.5 }), observation: observed });

// g − o = (−1, 1), (−2): squares 2 + 4, magnitudes 2 + 2. ⟨g, o⟩ = 24, ‖g‖ = 5, ‖o‖ = √29.
const golden: readonly (readonly [Discrepancy, number])[] = [
  [squared(), 3],
  [l1(), 2],
  [cosine(), 1 - 24 / (5 * Math.sqrt(29))],
  // Tensor a: 24 / 25. Tensor b of the candidate is zero, which has no direction.
  [cosineLayer(), 1 - 24 / 25 + 1],
  [cosineLayer({ weights: "linear" }), 1 - 24 / 25 + 0.5],
  [cosineLayer({ weights: "softmax" }), 1 - 24 / 25 + Math.exp(-1)],
  [maskedCosine({ threshold: 2.5 }), 1 - 24 / 25],
  // ½ (6 + .1 (2 + ½ · 2)).
  [tag(), 3.15],
  [tag({ amount: 0 }), 3],
  // 6 / (2 · .25).
  [noisy, 12],
];

describe("discrepancies", () => {
  it.each(golden.map(([d, number]) => [d.name, JSON.stringify(d.options), d, number] as const))(
    "%s %s",
    (_n, _o, d, number) => {
      expect(value(d, candidate, observed)).toBeCloseTo(number, 12);
    },
  );

  it.each(golden.map(([d]) => [d.name, d] as const))("%s is 0 where the candidate is the observation", (_name, d) => {
    expect(value(d, observed, observed)).toBeCloseTo(0, 12);
  });

  it.each(golden.map(([d]) => [d.name, d] as const))("%s has the derivative of its values", (_name, d) => {
    const draw = rng(8);
    const shapes = { a: { shape: [2, 3] }, b: { shape: [4] } };
    const seen = fixed(drawLike(shapes, draw.split("seen")));
    demandDerivative((x) => d.distance(x, seen), drawLike(shapes, draw.split("candidate")), draw);
  });

  it.each([cosine(), maskedCosine(), cosineLayer()].map((d) => [d.name, d] as const))(
    "%s does not see scale",
    (_name, d) => {
      const scaled = Object.fromEntries(
        Object.entries(candidate).map(([n, a]) => [n, { ...a, data: a.data.map((v) => 1e-3 * v) }]),
      );
      expect(value(d, scaled, observed)).toBeCloseTo(value(d, candidate, observed), 12);
    },
  );

  it("the softmax weights are softmax(L, L − 1, …, 1) over its first entry", () => {
    const raw = [3, 2, 1].map(Math.exp);
    expect(layerWeights("softmax", 3)).toEqual(raw.map((w) => expect.closeTo(w / raw[0]!, 14)));
    expect(layerWeights("linear", 4)).toEqual([1, 0.75, 0.5, 0.25]);
  });

  it("refuses sides that do not match, by name", () => {
    expect(() => value(squared(), { a: array(1, 2) }, observed)).toThrow(/"b" is missing in the candidate/);
    expect(() => value(cosine(), { ...candidate, a: array(1) }, observed)).toThrow(
      /"a" has shape \[1\] in the candidate/,
    );
    expect(() => value(l1(), { ...candidate, c: array(1) }, observed)).toThrow(/"c", which was not observed/);
    expect(() => value(tag(), {}, {})).toThrow(/nothing to compare/);
  });

  it("names the bad option", () => {
    expect(() => tag({ amount: -1 })).toThrow(/"amount" of tag/);
    expect(() => maskedCosine({ threshold: Number.NaN })).toThrow(/"threshold" of maskedCosine/);
    expect(() => cosineLayer({ weights: "steep" as "equal" })).toThrow(/allowed: equal, linear, softmax/);
  });

  it("says that a channel without noise has no likelihood", () => {
    const clip = { defence: clipNorm({ threshold: 1 }), observation: observed };
    expect(() => likelihood(clip)).toThrow(expect.objectContaining({ code: "no-likelihood" }));
  });
});

describe("discrepancies in float32 on the runtime", () => {
  const executor = onnxruntime();
  afterAll(() => executor.dispose());

  it.each(golden.map(([d]) => [d.name, d] as const))(
    "%s: values and derivatives as the reference has them, also at zero",
    async (_name, d) => {
      const x = { a: input("a", [2]), b: input("b", [1]) };
      const distance = d.distance(x, fixed(observed));
      const [ga, gb] = grad(distance, [x.a, x.b]);
      const g = graph(x, { distance, ga: ga!, gb: gb! });
      const program = await executor.compile(g);
      const smooth = d.name === "cosine-layer" ? [] : [{ a: array(0, 0), b: array(0) }];
      for (const at of [{ a: array(3, 4), b: array(1) }, ...smooth]) {
        const fast = await program.run(at);
        const slow = interpret(g, at);
        for (const [name, { data }] of Object.entries(slow)) {
          data.forEach((v, i) => {
            expect(Math.abs(fast[name]!.data[i]! - v), name).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(v)));
          });
        }
      }
      await program.dispose();
    },
  );
});
