import { expect, test } from "vitest";
import { fedavg } from "./fedavg.ts";
import { checkedCertificates } from "./fixtures/checked-certificates.ts";
import { drawnUpdates } from "./fixtures/drawn-updates.ts";

test("no certificate of fedavg is wrong over 1000 drawn victims", { timeout: 3_600_000 }, async () => {
  const checked = await checkedCertificates("updates, slow", 1000, false, {
    attacks: [fedavg()],
    victim: drawnUpdates,
    // What is certified is found without a search.
    evaluations: 20,
  });
  expect(checked).toMatchObject({ crashed: [], wrong: [], unexplained: [] });
});
