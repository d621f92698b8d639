import { expect, it } from "vitest";
import { checkedDraws } from "./fixtures/drawn-recursions.ts";

it("certifies no wrong recursion in a thousand draws", { timeout: 1_200_000 }, async () => {
  const { certified, open } = await checkedDraws(1000);
  expect(certified).toBeGreaterThanOrEqual(150);
  expect(open).toBeGreaterThanOrEqual(150);
});
