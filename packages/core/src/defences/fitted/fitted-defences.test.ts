import type { Arrays } from "@recon/engine";
import { describe, expect, it } from "vitest";
import { distance, norm } from "../../arrays.ts";
import { gradient } from "../../operators/gradient.ts";
import type { VictimSide } from "../../problem.ts";
import { rng } from "../../random.ts";
import { observeBatch } from "../../testing/evaluate.ts";
import { drawBatch, referenceExecutor, referenceModel } from "../../testing/index.ts";
import { optimalNoise } from "./optimal-noise.ts";
import { optimalPruning } from "./optimal-pruning.ts";
import { observationSensitivity } from "./sensitivity.ts";
import { soteria } from "./soteria.ts";

const model = referenceModel({ hidden: 8 });
const params = model.init(rng(1));
const batch = drawBatch(model, 2, rng(2));
const clean = observeBatch(gradient(), model, params, batch);
const victim: VictimSide = {
  model,
  operator: gradient(),
  params,
  data: { input: batch.input, target: batch.target },
  executor: referenceExecutor(),
  rng: rng(3),
};

/** ‖∂g_k/∂x‖² by central differences in every coordinate of the input. */
function squaresByDifferences(): Record<string, Float64Array> {
  const squares = Object.fromEntries(
    Object.entries(clean).map(([name, { data }]) => [name, new Float64Array(data.length)]),
  );
  const h = 1e-5;
  for (let i = 0; i < batch.input.data.length; i++) {
    const moved = (by: number): Arrays => {
      const data = Float64Array.from(batch.input.data);
      data[i]! += by;
      return observeBatch(gradient(), model, params, { ...batch, input: { shape: batch.input.shape, data } });
    };
    const [up, down] = [moved(h), moved(-h)];
    for (const [name, list] of Object.entries(squares)) {
      for (let k = 0; k < list.length; k++) list[k]! += ((up[name]!.data[k]! - down[name]!.data[k]!) / (2 * h)) ** 2;
    }
  }
  return squares;
}

describe("sensitivity", () => {
  it("agrees with finite differences within the spread of its probes", async () => {
    const exact = squaresByDifferences();
    const estimated = await observationSensitivity(victim);
    const ratios = Object.entries(exact).flatMap(([name, list]) =>
      Array.from(list).flatMap((value, k) => (value > 1e-12 ? [estimated[name]![k]! / value] : [])),
    );
    const mean = ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length;
    // Ten probes leave √(2/10) = 45 % an entry.
    expect(Math.abs(mean - 1)).toBeLessThan(0.25);
    expect(Math.max(...ratios)).toBeLessThan(5);
  });
});

describe("optimalNoise", () => {
  it("has the stated deviation over all entries and more of it where the data shows more", async () => {
    const channel = await optimalNoise({ std: 0.1 }).fit!(victim);
    const draws = Array.from({ length: 400 }, (_, i) => channel.apply(clean, rng(i)));
    const meanSquare = draws.reduce((total, seen) => total + distance(seen, clean) ** 2, 0) / 400;
    const entries = Object.values(clean).reduce((n, { data }) => n + data.length, 0);
    expect(Math.abs(Math.sqrt(meanSquare / entries) / 0.1 - 1)).toBeLessThan(0.1);
    const deviation = (name: string, k: number): number =>
      Math.sqrt(draws.reduce((total, seen) => total + (seen[name]!.data[k]! - clean[name]!.data[k]!) ** 2, 0) / 400);
    const exact = squaresByDifferences();
    const order = Array.from(clean.w1!.data.keys()).sort(
      (a, b) => exact.w1![a]! / clean.w1!.data[a]! ** 2 - exact.w1![b]! / clean.w1!.data[b]! ** 2,
    );
    expect(deviation("w1", order.at(-1)!)).toBeGreaterThan(2 * deviation("w1", order[0]!));
  });

  it("tells the attacker its size and not its shape, so that likelihood is improper", () => {
    const { channel } = optimalNoise({ std: 0.1 });
    expect(channel!.noiseStd(clean)).toBe(0.1);
    expect(channel!.likelihood!(clean).proper).toBe(false);
    expect(optimalNoise({ std: 0 }).channel!.likelihood).toBeUndefined();
  });
});

describe("optimalPruning", () => {
  it("zeroes the stated share of entries and leaves the others", async () => {
    const channel = await optimalPruning({ rate: 0.7 }).fit!(victim);
    const seen = channel.apply(clean, rng(1));
    const values = Object.entries(seen).flatMap(([name, { data }]) =>
      Array.from(data).map((value, k) => [value, clean[name]!.data[k]!]),
    );
    const zeros = values.filter(([value]) => value === 0).length;
    expect(Math.abs(zeros / values.length - 0.7)).toBeLessThan(0.02);
    for (const [value, before] of values) expect(value === 0 || value === before).toBe(true);
    expect(norm(seen)).toBeGreaterThan(0);
  });

  it("changes nothing at rate 0 and refuses a rate of 1", async () => {
    const channel = await optimalPruning({ rate: 0 }).fit!(victim);
    expect(distance(channel.apply(clean, rng(1)), clean)).toBe(0);
    expect(() => optimalPruning({ rate: 1 })).toThrow(/from 0 to below 1, not 1/);
  });
});

describe("soteria", () => {
  it("zeroes columns of the head's gradient alone", async () => {
    const channel = await soteria({ rate: 0.25 }).fit!(victim);
    const seen = channel.apply(clean, rng(1));
    const zero = Array.from({ length: 8 }, (_, i) => [0, 1, 2].every((row) => seen.w2!.data[8 * row + i] === 0));
    expect(zero.filter(Boolean)).toHaveLength(2);
    for (const name of ["w1", "b1", "b2"]) expect(seen[name]).toEqual(clean[name]);
  });
});
