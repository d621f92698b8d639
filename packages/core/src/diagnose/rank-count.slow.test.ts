import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { compareDrawnNets } from "./fixtures/measured-rank.ts";

test("no drawn net has a Jacobian of a higher rank than the count, in 600 draws", async () => {
  const { attained, below } = await compareDrawnNets(rng("slow"), 600);
  expect(attained).toBeGreaterThan(150);
  expect(below).toBeGreaterThan(75);
}, 600_000);
