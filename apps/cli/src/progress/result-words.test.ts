import type { ScenarioRecord } from "@recon/core";
import { expect, test } from "vitest";
import { scenarioWords } from "./result-words.ts";

const skipped = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `t.csv:${i + 2}`, reason: "it is empty" }));
const record = (count: number) =>
  ({
    id: "s",
    victim: { model: "gcn", parameters: 1234 },
    trials: 1,
    batch: 2,
    attacks: ["auto"],
    data: { name: "smiles", skipped: skipped(count) },
  }) as unknown as ScenarioRecord;

test("what is left out of the data is named beside the victim, the first three of many", () => {
  expect(scenarioWords(record(0))).toEqual(["s: gcn, 1,234 weights, 1 trial with a batch of 2, attack auto"]);
  expect(scenarioWords(record(1))[1]).toBe("s  left out of smiles: t.csv:2 (it is empty)");
  expect(scenarioWords(record(1203))[1]).toBe(
    "s  left out of smiles: t.csv:2 (it is empty), t.csv:3 (it is empty), t.csv:4 (it is empty), and 1,200 more, all of them in the report",
  );
});
