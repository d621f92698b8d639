import { describe, expect, it } from "vitest";
import { boxPenalty, weightedSum } from "../../priors/energy.ts";
import { rng } from "../../random.ts";
import { shrinkage, smoothedNormal } from "../mutants/denoiser.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { linearGenerator, meanSquare, priorMutants } from "../mutants/prior.ts";
import { testPrior } from "../test-prior.ts";
import { priorLaws } from "./prior.ts";

const shape = [3, 5];

testPrior(meanSquare, { shape });
testPrior(linearGenerator, { shape });
testPrior(shrinkage, { shape, smoothed: smoothedNormal });
testPrior(() => boxPenalty({ lower: -0.5, upper: 1 }), {
  shape,
  zero: () => boxPenalty({ lower: -0.5, upper: 1, weight: 0 }),
});
testPrior(
  () =>
    weightedSum([
      { prior: meanSquare(), weight: 0.3 },
      { prior: boxPenalty({ lower: 0, upper: 1 }), weight: 2 },
    ]),
  { shape, zero: () => weightedSum([{ prior: meanSquare(), weight: 0 }]) },
);

const zeroLaw = "with weight 0 an energy is zero everywhere";
expectCaught(
  priorLaws.filter(({ name }) => name !== zeroLaw),
  priorMutants,
  { shape, smoothed: smoothedNormal },
);

describe("weight 0", () => {
  it("catches an energy that stays", async () => {
    const law = priorLaws.find(({ name }) => name === zeroLaw)!;
    await expect(law.check(meanSquare, { shape, zero: meanSquare }, rng(1))).rejects.toMatchObject({
      code: "law-broken",
    });
  });
});
