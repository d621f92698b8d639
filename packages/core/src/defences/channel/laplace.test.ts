import { expect, test } from "vitest";
import { distance } from "../../arrays.ts";
import { rng } from "../../random.ts";
import { testChannel } from "../../testing/index.ts";
import { laplaceNoise } from "./laplace.ts";

testChannel(() => laplaceNoise({ scale: 0.3 }), { zero: () => laplaceNoise({ scale: 0 }), smooth: false });

test("has the spread and the kurtosis of a Laplace distribution", () => {
  const clean = { a: { shape: [100_000], data: new Float64Array(100_000) } };
  const { channel } = laplaceNoise({ scale: 0.7 });
  const seen = channel!.apply(clean, rng(1));
  const std = distance(seen, clean) / Math.sqrt(100_000);
  expect(Math.abs(std / channel!.noiseStd(seen) - 1)).toBeLessThan(0.02);
  const fourth = Array.from(seen.a!.data).reduce((total, value) => total + value ** 4, 0) / 100_000;
  expect(Math.abs(fourth / std ** 4 - 6)).toBeLessThan(0.5);
});

test("refuses a missing or negative scale", () => {
  expect(() => laplaceNoise({} as never)).toThrow(/"scale" of defence "laplace-noise" must be a number of at least 0/);
  expect(() => laplaceNoise({ scale: -1 })).toThrow(/not -1/);
});
