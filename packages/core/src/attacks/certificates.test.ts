import { expect, test } from "vitest";
import { checkedCertificates } from "./fixtures/checked-certificates.ts";

test("no certificate of an exact attack is wrong over 700 drawn victims", { timeout: 1_200_000 }, async () => {
  const { levels, wrong, unexplained, crashed } = await checkedCertificates("certificates", 700, false);
  expect(crashed).toEqual([]);
  expect(wrong).toEqual([]);
  expect(unexplained).toEqual([]);
  // The draws must give the attacks something to be sure of, and something that they cannot be.
  for (const attack of ["analytic", "spear", "tensor", "recursion", "head-unmixing"]) {
    const { exact = 0, consistent = 0, none = 0, "locally-unique": unique = 0 } = levels[attack] ?? {};
    expect(exact + unique, attack).toBeGreaterThan(0);
    expect(consistent + none, attack).toBeGreaterThan(0);
  }
});
