import { expect, test } from "vitest";
import { checkedCertificates } from "./fixtures/checked-certificates.ts";

test.each([
  [7000, "in the open", false],
  [3000, "behind channels", true],
])(
  "no certificate of an exact attack is wrong over %i victims drawn %s",
  { timeout: 12_000_000 },
  async (draws, _where, behindChannel) => {
    const { wrong, unexplained, crashed } = await checkedCertificates("certificates, slow", draws, behindChannel);
    expect(crashed).toEqual([]);
    expect(wrong).toEqual([]);
    expect(unexplained).toEqual([]);
  },
);
