import { describe, expect, it } from "vitest";
import { type Rng, rng } from "./random.ts";

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, next);
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const moment = (xs: readonly number[], k: number): number => mean(xs.map((x) => x ** k));

describe("rng", () => {
  it("repeats itself for equal seeds and differs for others", () => {
    const bytes = (r: Rng): number[] => [
      ...draw(50, r.uniform),
      ...draw(51, r.normal),
      ...r.permutation(20),
      r.integer(1000),
    ];
    expect(bytes(rng(7))).toEqual(bytes(rng(7)));
    expect(bytes(rng("a").split("b"))).toEqual(bytes(rng("a").split("b")));
    const seeds: Rng[] = [
      rng(1),
      rng("1"),
      rng(2),
      rng(-1),
      rng(0.5),
      rng(1).split(""),
      rng(1).split("a").split("b"),
      rng(1).split("ab"),
    ];
    expect(new Set(seeds.map((r) => r.uniform())).size).toBe(seeds.length);
  });

  it("splits by name whatever was drawn or split before", () => {
    const untouched = rng(3).split("noise").uniform();
    const used = rng(3);
    draw(100, used.normal);
    used.split("weights").uniform();
    expect(used.split("noise").uniform()).toBe(untouched);
  });

  it("has the moments of the uniform and of the normal distribution", () => {
    const n = 400_000;
    const u = draw(n, rng(11).uniform);
    expect(Math.min(...u.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
    // 4.5 standard errors: sqrt(1/12/n) for the mean, and so on.
    expect(Math.abs(mean(u) - 1 / 2)).toBeLessThan(4.5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(moment(u, 2) - 1 / 3)).toBeLessThan(4.5 * Math.sqrt(4 / 45 / n));
    const z = draw(n, rng(12).normal);
    expect(Math.abs(mean(z))).toBeLessThan(4.5 / Math.sqrt(n));
    expect(Math.abs(moment(z, 2) - 1)).toBeLessThan(4.5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(z, 3))).toBeLessThan(4.5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(z, 4) - 3)).toBeLessThan(4.5 * Math.sqrt(96 / n));
    const tail = z.filter((x) => Math.abs(x) > 3).length / n;
    expect(Math.abs(tail - 0.0026998)).toBeLessThan(4.5 * Math.sqrt(0.0027 / n));
  });

  it("gives uncorrelated streams for a thousand names, and uncorrelated successive numbers", () => {
    const parent = rng("names");
    const first = Array.from({ length: 1000 }, (_, i) => parent.split(`item ${i}`).uniform());
    const chi = Array.from({ length: 20 }, (_, b) => first.filter((x) => Math.floor(x * 20) === b).length);
    const statistic = chi.reduce((s, c) => s + (c - 50) ** 2 / 50, 0);
    expect(statistic).toBeLessThan(45.3); // 0.9994 quantile of chi-square with 19 degrees of freedom
    const correlate = (a: readonly number[], b: readonly number[]): number =>
      mean(a.map((x, i) => (x - 0.5) * (b[i]! - 0.5))) * 12;
    const a = draw(100_000, parent.split("a").uniform);
    const b = draw(100_000, parent.split("b").uniform);
    expect(Math.abs(correlate(a, b))).toBeLessThan(4.5 / Math.sqrt(1e5));
    expect(Math.abs(correlate(a.slice(1), a.slice(0, -1)))).toBeLessThan(4.5 / Math.sqrt(1e5));
  });

  it("flips half of a stream's first bits when one bit of the name changes", () => {
    const word = (name: string): number => Math.floor(rng(0).split(name).uniform() * 2 ** 32);
    const flips = Array.from({ length: 500 }, (_, i) => {
      let x = word(`k${i}`) ^ word(`j${i}`);
      let count = 0;
      for (; x !== 0; x &= x - 1) count++;
      return count;
    });
    expect(Math.abs(mean(flips) - 16)).toBeLessThan(4.5 * Math.sqrt(8 / 500));
  });

  it("draws integers without bias and permutations of every order", () => {
    const r = rng(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const key = r.permutation(4).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const statistic = [...counts.values()].reduce((s, c) => s + (c - 1000) ** 2 / 1000, 0);
    expect(statistic).toBeLessThan(52); // 0.9995 quantile, 23 degrees of freedom
    expect(draw(1000, () => r.integer(3)).every((k) => k === 0 || k === 1 || k === 2)).toBe(true);
    expect(r.integer(1)).toBe(0);
  });

  it("names what is wrong with a seed or a range", () => {
    expect(() => rng(Number.NaN)).toThrow(/seed is NaN/);
    expect(() => rng(1).integer(0)).toThrow(/positive whole number/);
  });
});
