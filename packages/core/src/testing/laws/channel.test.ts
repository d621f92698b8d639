import { describe, expect, it } from "vitest";
import { clipNorm } from "../../defences/channel/clip.ts";
import { gaussianNoise } from "../../defences/channel/noise.ts";
import { composeDefences } from "../../defences/compose.ts";
import type { Defence } from "../../problem.ts";
import { rng } from "../../random.ts";
import { channelMutants, leakyZero } from "../mutants/channel.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { testChannel } from "../test-channel.ts";
import { channelLaws } from "./channel.ts";

const noNoise = (): Defence => gaussianNoise({ std: 0 });

testChannel(() => gaussianNoise({ std: 0.3 }), { zero: noNoise });
testChannel(() => gaussianNoise({ rel_noise: 0.1 }), { zero: () => gaussianNoise({ rel_noise: 0 }), scale: 50 });
testChannel(() => clipNorm({ threshold: 1 }), { zero: () => clipNorm({ threshold: 1e9 }) });
testChannel(() => clipNorm({ threshold: 1e3 }));
testChannel(() => composeDefences([clipNorm({ threshold: 2 }), gaussianNoise({ std: 0.05 })]), {
  zero: () => composeDefences([clipNorm({ threshold: 1e9 }), noNoise()]),
});

const zeroLaw = "at zero strength it is the identity";
expectCaught(
  channelLaws.filter((law) => law.name !== zeroLaw),
  channelMutants,
  {},
);

describe("the identity at zero strength", () => {
  it("catches a channel that goes on acting", async () => {
    const law = channelLaws.find(({ name }) => name === zeroLaw)!;
    await expect(law.check(noNoise, { zero: leakyZero }, rng(1))).rejects.toMatchObject({ code: "law-broken" });
  });
});
