import { expect, test } from "vitest";
import { checkedCutLayers } from "./fixtures/checked-cut-layers.ts";

test("no certificate of many drawn victims is wrong", { timeout: 600_000 }, async () => {
  const { certified, wrong } = await checkedCutLayers(1000, 5500);
  expect(wrong).toEqual([]);
  expect(certified).toBeGreaterThan(300);
});
