import { rng } from "@recon/core";
import { testPrior } from "@recon/core/testing";
import { expect, test } from "vitest";
import { digitsGenerator } from "./generator.ts";

testPrior(() => digitsGenerator(), { shape: [2, 1, 28, 28], runs: 1, tolerance: 1e-4 });

test("draws are digits on a dark ground, and differ", () => {
  const generator = digitsGenerator({ mean: [0], std: [1] });
  const { data } = generator.sample!([2, 1, 28, 28], rng(1));
  expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
  const first = data.slice(0, 784);
  const [bright, distance] = [
    first.filter((value) => value > 0.5).length,
    Math.hypot(...first.map((v, i) => v - data[784 + i]!)),
  ];
  expect(bright).toBeGreaterThan(20);
  expect(bright).toBeLessThan(300);
  expect(distance).toBeGreaterThan(3);
});

test("makes digits only", () => {
  expect(() => digitsGenerator().init([1, 3, 32, 32], rng(1))).toThrow(/makes \[B, 1, 28, 28\]/);
});
