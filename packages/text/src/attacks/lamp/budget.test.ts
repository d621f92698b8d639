import { expect, test } from "vitest";
import { searchPlan } from "./budget.ts";

test("no plan costs more than the budget", () => {
  for (const evaluations of [1, 2, 3, 10, 50, 99, 400, 1000, 5000, 20_000]) {
    for (const batch of [1, 2, 8]) {
      const { starts, orders, steps, rounds, candidates } = searchPlan(evaluations, batch);
      const discrete = candidates === 0 ? 0 : rounds.size * batch * (candidates + 1);
      expect(starts + orders + steps + discrete, `${evaluations} for ${batch}`).toBeLessThanOrEqual(evaluations);
      expect(steps).toBeGreaterThan(0);
      for (const round of rounds) expect(round).toBeLessThan(steps);
    }
  }
});

test("a large budget gives what the published attack does: 500 starts, 500 orders, rounds of 200 from a tenth of the steps on", () => {
  const plan = searchPlan(12_000, 1);
  expect(plan).toMatchObject({ starts: 500, orders: 500, steps: 5500, candidates: 200 });
  expect(Math.min(...plan.rounds)).toBe(550);
  expect(plan.rounds.size).toBe(25);
});
