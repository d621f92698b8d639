import { run, selectCases } from "@recon/bench";
import { expect, test } from "vitest";
import { cases } from "./index.ts";

test("the closed form of the fully connected net meets its decibels", async () => {
  const lines = [];
  const options = {
    app: "vision",
    version: "0",
    cases: selectCases(cases, { ids: ["mlp-b1"] }),
    seeds: 1,
    quick: true,
  };
  for await (const line of run(options, new AbortController().signal)) lines.push(line);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    app: "vision",
    case: "mlp-b1",
    seed: 1,
    certificate: "exact",
    observation: "float32",
  });
  expect(lines[0]?.metric.psnr_db).toBeGreaterThan(100);
  expect(lines[1]).toMatchObject({ summary: true, case_met: true, seeds_met: 1 });
});
