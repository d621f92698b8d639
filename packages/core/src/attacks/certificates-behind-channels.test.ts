import { expect, test } from "vitest";
import { checkedCertificates } from "./fixtures/checked-certificates.ts";

test("no certificate of an exact attack is wrong over 300 victims drawn behind channels", {
  timeout: 1_200_000,
}, async () => {
  const { levels, wrong, unexplained, crashed } = await checkedCertificates("behind channels", 300, true);
  expect(crashed).toEqual([]);
  expect(wrong).toEqual([]);
  expect(unexplained).toEqual([]);
  const certain = Object.values(levels).reduce((n, own) => n + (own.exact ?? 0) + (own["locally-unique"] ?? 0), 0);
  expect(certain).toBeGreaterThan(0);
});
