import { expect, test } from "vitest";
import { fedavg } from "./fedavg.ts";
import { checkedCertificates } from "./fixtures/checked-certificates.ts";
import { drawnUpdates } from "./fixtures/drawn-updates.ts";

test("no certificate of fedavg is wrong over 20 drawn victims", { timeout: 120_000 }, async () => {
  const checked = await checkedCertificates("updates", 20, false, {
    attacks: [fedavg()],
    victim: drawnUpdates,
    // What is certified is found without a search.
    evaluations: 20,
  });
  expect(checked).toMatchObject({ crashed: [], wrong: [], unexplained: [] });
  const { exact = 0, consistent = 0, none = 0 } = checked.levels.fedavg ?? {};
  expect(exact).toBeGreaterThan(0);
  expect(consistent + none).toBeGreaterThan(0);
});
