import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { compareDrawnNets } from "./fixtures/measured-rank.ts";

test("no drawn net has a Jacobian of a higher rank than the count, in 300 draws", async () => {
  const { attained, below } = await compareDrawnNets(rng("slow"), 300);
  expect(attained).toBeGreaterThan(75);
  expect(below).toBeGreaterThan(37);
}, 600_000);
