import { type Arrays, constant, graph, interpret } from "@recon/engine";
import { describe, expect, it } from "vitest";
import type { Channel, Defence } from "../../problem.ts";
import { rng } from "../../random.ts";
import { testChannel } from "../../testing/test-channel.ts";
import { composeDefences } from "../compose.ts";
import { defenceFactories } from "../factories.ts";
import { clipNorm } from "./clip.ts";
import { clipEntry } from "./clip-entry.ts";
import { exactly } from "./entry-bounds.ts";
import { gaussianNoise } from "./noise.ts";
import { pruneMagnitude, topK } from "./prune-magnitude.ts";
import { pruneRandom } from "./prune-random.ts";
import { quantise } from "./quantise.ts";
import { sign } from "./sign.ts";

testChannel(() => pruneMagnitude({ rate: 0.7 }), { zero: () => pruneMagnitude({ rate: 0 }) });
testChannel(() => pruneMagnitude({ rate: 0.5, scope: "global" }), {
  zero: () => pruneMagnitude({ rate: 0, scope: "global" }),
});
testChannel(() => topK({ count: 3 }), { zero: () => topK({ count: 1000 }) });
testChannel(() => pruneRandom({ rate: 0.6 }), { zero: () => pruneRandom({ rate: 0 }) });
testChannel(() => sign(), { smooth: false, centred: false });
testChannel(() => quantise({ bits: 4 }), { smooth: false });
testChannel(() => quantise({ bits: 5, rounding: "stochastic" }), { smooth: false, noiseAccuracy: 0.3 });
testChannel(() => clipEntry({ threshold: 0.8 }), { centred: false, zero: () => clipEntry({ threshold: 1e9 }) });
testChannel(() => clipEntry({ quantile: 0.6 }), {
  smooth: false,
  centred: false,
  zero: () => clipEntry({ quantile: 1 }),
});
testChannel(() => composeDefences([pruneRandom({ rate: 0.3 }), quantise({ bits: 4 })]), {
  smooth: false,
  centred: false,
});
testChannel(
  () => composeDefences([clipNorm({ threshold: 2 }), clipEntry({ threshold: 0.4 }), pruneMagnitude({ rate: 0.5 })]),
  {
    smooth: false,
  },
);

const array = (...data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
const numbers = (arrays: Arrays, name = "a"): number[] => Array.from(arrays[name]!.data);
const seenBy = (defence: Defence, clean: Arrays): Arrays => defence.channel!.apply(clean, rng(1));
const boundsOf = ({ channel }: Defence, seen: Arrays): (readonly [number, number])[] => {
  const { lower, upper } = channel!.preimage!(exactly(seen));
  return numbers(lower).map((low, i) => [low, numbers(upper)[i]!] as const);
};
const pairs = (...values: [number, number][]) => values.map(([a, b]) => [expect.closeTo(a, 12), expect.closeTo(b, 12)]);

describe("pruning by magnitude", () => {
  const clean = { a: array(0.1, -5, 2, -0.3), b: array(10, 0.2) };

  it("zeros the least of every tensor, or of all together", () => {
    expect(seenBy(pruneMagnitude({ rate: 0.5 }), clean)).toEqual({ a: array(0, -5, 2, 0), b: array(10, 0) });
    expect(seenBy(pruneMagnitude({ rate: 0.5, scope: "global" }), clean)).toEqual({
      a: array(0, -5, 2, 0),
      b: array(10, 0),
    });
    expect(seenBy(topK({ count: 1 }), clean)).toEqual({ a: array(0, -5, 0, 0), b: array(10, 0) });
    expect(seenBy(topK({ count: 1, scope: "global" }), clean)).toEqual({ a: array(0, 0, 0, 0), b: array(10, 0) });
  });

  it("keeps the first of equals, as many as the rate says", () => {
    expect(numbers(seenBy(pruneMagnitude({ rate: 0.75 }), { a: array(1, -1, 1, 1) }))).toEqual([1, 0, 0, 0]);
  });

  it("bounds what it removed by the least survivor, and leaves survivors exact", () => {
    const defence = pruneMagnitude({ rate: 0.5 });
    expect(boundsOf(defence, seenBy(defence, clean))).toEqual(pairs([-2, 2], [-5, -5], [2, 2], [-2, 2]));
  });

  it("shows its mask, unless it removes nothing; a rate of 1 removes everything and bounds nothing", () => {
    const half = pruneMagnitude({ rate: 0.5 });
    const { mask, "mask a": ofA } = half.channel!.visible!(seenBy(half, clean));
    expect(mask).toBe(true);
    expect(ofA).toEqual(array(0, 1, 1, 0));
    expect(pruneMagnitude({ rate: 0 }).channel!.visible!(clean)).toEqual({});
    const all = pruneMagnitude({ rate: 1 });
    expect(numbers(seenBy(all, clean))).toEqual([0, 0, 0, 0]);
    expect(boundsOf(all, seenBy(all, clean))[0]).toEqual([-Infinity, Infinity]);
  });
});

describe("pruneRandom", () => {
  it("removes the stated share, whatever the size of an entry", () => {
    const size = 40_000;
    const seen = numbers(
      seenBy(pruneRandom({ rate: 0.9 }), { a: array(...Array.from({ length: size }, (_, i) => i + 1)) }),
    );
    const kept = seen.filter((value) => value !== 0);
    // Three standard deviations of a binomial count.
    expect(Math.abs(kept.length - 0.1 * size)).toBeLessThan(3 * Math.sqrt(size * 0.09));
    expect(Math.abs(kept.reduce((total, value) => total + value, 0) / kept.length / size - 0.5)).toBeLessThan(0.02);
  });

  it("makes a candidate lose the entries that the observation lost, and none behind noise", () => {
    const observed = { a: array(0, 3, 0) };
    const known = (defence: Defence) =>
      numbers(interpret(graph({}, defence.channel!.known({ a: constant([7, 8, 9], [3]) }, observed)), {}));
    expect(known(pruneRandom({ rate: 0.5 }))).toEqual([0, 8, 0]);
    expect(known(composeDefences([pruneRandom({ rate: 0.5 }), gaussianNoise({ std: 1 })]))).toEqual([7, 8, 9]);
  });
});

describe("sign", () => {
  it("sends signs times the mean magnitude, and shows both", () => {
    const seen = seenBy(sign(), { a: array(1, -3, 0, 4) });
    expect(numbers(seen)).toEqual([2, -2, 0, 2]);
    expect(boundsOf(sign(), seen)).toEqual([
      [0, Infinity],
      [-Infinity, 0],
      [0, 0],
      [0, Infinity],
    ]);
    expect(sign().channel!.preimage!(exactly(seen)).meanMagnitude).toEqual({ a: 2 });
  });

  it("leaves a tensor of zeros a tensor of zeros", () => {
    expect(numbers(seenBy(sign(), { a: array(0, 0) }))).toEqual([0, 0]);
  });
});

describe("quantise", () => {
  it("rounds to the levels of the definition: 3 bits, max 7, step 2", () => {
    const seen = seenBy(quantise({ bits: 3 }), { a: array(7, -6.9, 4.9, 5.1, 0.9, -1.1) });
    expect(numbers(seen)).toEqual([6, -6, 4, 6, 0, -2]);
    expect(boundsOf(quantise({ bits: 3 }), seen)).toEqual(pairs([5, 7], [-7, -5], [3, 5], [5, 7], [-1, 1], [-3, -1]));
  });

  it("is right on average under stochastic rounding", () => {
    const defence = quantise({ bits: 3, rounding: "stochastic" });
    const draws = Array.from({ length: 4000 }, (_, k) =>
      numbers(defence.channel!.apply({ a: array(3, 1.3, -0.4) }, rng(k))),
    );
    const mean = (i: number) => draws.reduce((total, draw) => total + draw[i]!, 0) / draws.length;
    for (const [i, value] of [3, 1.3, -0.4].entries()) expect(Math.abs(mean(i) - value)).toBeLessThan(0.03);
  });

  it("leaves zeros", () => {
    expect(numbers(seenBy(quantise({ bits: 2 }), { a: array(0, 0) }))).toEqual([0, 0]);
  });
});

describe("clipEntry", () => {
  it("clamps at a threshold, or at a quantile of every tensor", () => {
    const clean = { a: array(1, -2, 3, -4, 5), b: array(0.1, 0.5) };
    expect(numbers(seenBy(clipEntry({ threshold: 2.5 }), clean))).toEqual([1, -2, 2.5, -2.5, 2.5]);
    const half = clipEntry({ quantile: 0.5 });
    expect(numbers(seenBy(half, clean))).toEqual([1, -2, 3, -3, 3]);
    expect(numbers(seenBy(half, clean), "b")).toEqual([0.1, 0.5]);
  });

  it("leaves what is below the threshold exact and the rest open on one side", () => {
    const seen = { a: array(1, -2.5, 2.5) };
    expect(boundsOf(clipEntry({ threshold: 2.5 }), seen)).toEqual([
      [1, 1],
      [-Infinity, -2.5],
      [2.5, Infinity],
    ]);
  });
});

describe("compositions", () => {
  const bounds = (...defences: Defence[]) => {
    const all = composeDefences(defences);
    return boundsOf(all, seenBy(all, { a: array(7, -6.9, 4.9, 0.9) }));
  };

  it("carry bounds back through every stage", () => {
    expect(bounds(quantise({ bits: 3 }), pruneMagnitude({ rate: 0.5 }))).toEqual(
      pairs([5, 7], [-7, -5], [-7, 7], [-7, 7]),
    );
    expect(bounds(pruneMagnitude({ rate: 0.5 }), quantise({ bits: 3 }))).toEqual(
      pairs([5, 7], [-7, -5], [-7, 7], [-7, 7]),
    );
    expect(bounds(clipNorm({ threshold: 1000 }), sign())).toEqual([
      [0, Infinity],
      [-Infinity, 0],
      [0, Infinity],
      [0, Infinity],
    ]);
    expect(bounds(clipNorm({ threshold: 1 }), clipEntry({ threshold: 10 }))).toEqual([
      [expect.any(Number), Infinity],
      [-Infinity, expect.any(Number)],
      [expect.any(Number), Infinity],
      [expect.any(Number), Infinity],
    ]);
  });

  it("have none behind noise", () => {
    const noisy: Channel = composeDefences([pruneMagnitude({ rate: 0.5 }), gaussianNoise({ std: 1 })]).channel!;
    expect(noisy.preimage).toBeUndefined();
  });
});

describe("options", () => {
  const bad: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["prune-magnitude", { rate: 1.2 }, /"rate" of defence "prune-magnitude" must be a number from 0 to 1, not 1.2/],
    ["prune-magnitude", { rate: "0.5" }, /not "0.5"/],
    ["prune-magnitude", { rate: 0.5, scope: "layer" }, /"scope".*tensor or global, not "layer"/],
    ["prune-random", { rate: Number.NaN }, /not NaN/],
    ["prune-random", { share: 0.5 }, /no option "share"; allowed: rate/],
    ["top-k", { count: 0 }, /"count".*1 or more, not 0/],
    ["quantise", { bits: 1 }, /2 to 32, not 1: one bit has the single level 0/],
    ["quantise", { bits: 4, rounding: "up" }, /nearest or stochastic/],
    ["sign", { scale: 1 }, /no option "scale"/],
    ["clip-entry", {}, /exactly one of the options "threshold" and "quantile"/],
    ["clip-entry", { threshold: 1, quantile: 0.5 }, /exactly one/],
    ["clip-entry", { threshold: 0 }, /above 0/],
    ["clip-entry", { quantile: 0 }, /above 0/],
  ];
  it.each(bad)("%s with %o is a clear error", (name, options, message) => {
    const make = () => defenceFactories[name]!(options as Parameters<(typeof defenceFactories)[string]>[0]);
    expect(make).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(make).toThrow(message);
  });
});
