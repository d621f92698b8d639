import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { certifiedBesideTruth } from "./fixtures/evidence.ts";

test("no certificate that rests on the Jacobian is refuted by the truth, in 300 draws", async () => {
  expect(await certifiedBesideTruth(rng("slow"), 300)).toBeGreaterThan(30);
}, 600_000);
