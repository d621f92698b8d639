import { expect, it } from "vitest";
import { checkedDraws } from "./fixtures/drawn-recursions.ts";

it("certifies no wrong recursion, on nets that determine their input and on others", { timeout: 120_000 }, async () => {
  const { certified, open } = await checkedDraws(30);
  expect(certified).toBeGreaterThanOrEqual(5);
  expect(open).toBeGreaterThanOrEqual(5);
});
