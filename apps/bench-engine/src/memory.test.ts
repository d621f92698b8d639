import { add, graph, input, mul, sum } from "@recon/engine";
import { expect, test } from "vitest";
import { cases } from "./cases.ts";
import { largestActivations, measureHere } from "./memory.ts";

test("the largest set of results is what is alive between the first and the last reader", () => {
  const x = input("x", [100]);
  const [a, b] = [mul(x, 2), mul(x, 3)];
  // a, b and their sum are alive together; then the sum alone, with one number.
  expect(largestActivations(graph({ x }, { y: sum(add(a, b)) }))).toBe(4 * 300);
  // One after another: what is computed and what it is computed from.
  expect(largestActivations(graph({ x }, { y: sum(mul(mul(mul(x, 2), x), x)) }))).toBe(4 * 200);
});

test("a case holds its weights and its observation, and the process more", async () => {
  const lenet = cases.find((one) => one.name === "lenet")!;
  const { weights, observed, activations, resident, peak } = await measureHere(lenet, 1);
  // 3 · 12 · 25 + 12 + 2 (12 · 12 · 25 + 12) + 768 · 10 + 10 numbers.
  expect(weights * 2 ** 20).toBe(4 * 15_826);
  expect(observed).toBe(weights);
  expect(activations).toBeGreaterThan(0);
  expect(resident).toBeGreaterThan(weights + observed);
  expect(peak).toBeGreaterThanOrEqual(Math.floor(resident));
});
