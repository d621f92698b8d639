import { rng } from "@recon/core";
import { expect, test } from "vitest";
import { candidateOrders } from "./reorder.ts";

test("every candidate is a permutation, whatever the length", () => {
  for (let n = 2; n < 9; n++) {
    for (const order of candidateOrders(n, 40, rng(n))) {
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  }
});

test("each kind changes what its name says", () => {
  const orders = candidateOrders(7, 400, rng(3));
  orders.forEach((order, i) => {
    const kind = i % 4;
    const moved = order.filter((from, to) => from !== to).length;
    // Places at which a token is not followed by the one that followed it before.
    const cuts = order.filter((from, to) => to > 0 && from !== order[to - 1]! + 1).length;
    if (kind === 0) expect([0, 2]).toContain(moved);
    if (kind === 1 || kind === 2) expect(cuts).toBeLessThanOrEqual(3);
    if (kind === 3) expect(cuts).toBe(1);
  });
  for (let kind = 0; kind < 4; kind++) {
    const different = orders.filter((order, i) => i % 4 === kind && order.some((from, to) => from !== to));
    expect(different.length, `kind ${kind}`).toBeGreaterThan(50);
  }
});

test("a single token has no other order", () => {
  expect(candidateOrders(1, 10, rng(1))).toEqual([]);
  expect(candidateOrders(0, 10, rng(1))).toEqual([]);
});
