import { expect, test } from "vitest";
import { committedRecords, pages, readPage, withTables } from "./benchmark-tables.mjs";
import { caseRecords, replaced } from "./benchmarks/case-records.mjs";
import { caseTable } from "./benchmarks/case-table.mjs";
import { defenceTable } from "./benchmarks/defence-table.mjs";
import { timesTable } from "./benchmarks/times-table.mjs";

const versions = { recon: "0", node: "20" };
const line = (name, seed, rms, more = {}) => ({
  app: "core",
  suite: "s",
  case: name,
  seed,
  attack: "guess",
  observation: "float32",
  metric: { rms },
  floor: { rms: 1 },
  certificate: "exact",
  versions,
  ...more,
});
const summary = (name, maximum, more = {}) => ({
  app: "core",
  suite: "s",
  case: name,
  summary: true,
  observation: "float32",
  items: 2,
  seeds: 2,
  metric: { rms: { median: 1e-7, minimum: 1e-8, maximum }, seconds: { median: 0.5, maximum: 2 } },
  target: { rms: "<=1e-6" },
  seeds_met: 1,
  case_met: false,
  versions,
  ...more,
});
const text = (lines) => lines.map((value) => JSON.stringify(value)).join("\n");

test.each(pages())("the tables of %s are those that its records give (node scripts/benchmark-tables.mjs)", (name) => {
  expect(withTables(readPage(name), committedRecords)).toBe(readPage(name));
});

test("a record keeps floors, certificates and what failed", () => {
  const lines = [line("a", 1, 1e-7), line("a", 2, 2, { error: "broken", metric: {} }), summary("a", 1e-7)];
  const [record] = caseRecords(text(lines), { date: "d" });
  expect(record).toMatchObject({
    attack: "guess",
    floor: { rms: 1 },
    certificates: { exact: 1 },
    failed: 1,
    date: "d",
  });
  expect(caseTable([record])).toContain(
    "| a | s | guess | float32 | 2, of which 1 failed | rms | 1.0e-7 | 1.0e-7 | 1 | 1 exact | 0.5 (2) | rms <=1e-6 | 1 of 2 | missed |",
  );
});

test("a case without a summary did not end and is left out, and a quick run is refused", () => {
  expect(caseRecords(text([line("a", 1, 1), line("b", 1, 1), summary("b", 1)]), {})).toHaveLength(1);
  expect(() => caseRecords(text([summary("a", 1, { quick: true })]), {})).toThrow(/--quick, which measures nothing/);
});

test("new records take the place of old ones of the same case and precision", () => {
  const old = [summary("a", 1), summary("a", 2, { observation: "float64" }), summary("b", 3)];
  const merged = replaced(old, [summary("a", 9)]);
  expect(merged.map(({ metric }) => metric.rms.maximum)).toEqual([9, 2, 3]);
});

test("a page that asks for cases that were not measured is an error", () => {
  expect(() => withTables("<!-- cases: core zzz -->\n<!-- end of cases -->", () => [])).toThrow(
    /no records of core zzz/,
  );
});

test("a defence is one row, told and not, and what division leaves is nothing", () => {
  const at = (item, mse, more = {}) => ({ item, metric: { mse, utility_loss: 1, ...more } });
  const lines = [
    at("a: noise at 1 points, told", 0.5, { bound: 0.25, epsilon: 7.6 }),
    at("a: noise at 1 points, not told", 0.75),
    at("a: noise at 2 points, told", 0.6),
    at("a: dropout at 5 points, told", 1e-17),
    at("b: noise at 1 points, told", 2),
  ];
  expect(defenceTable(lines, "a").split("\n").slice(2)).toEqual([
    "| noise | 1 points | 0.5 | 0.75 | 0.25 | 8 | 1 |",
    "| dropout | 5 points | 0 | – | – | – | 1 |",
  ]);
  expect(() => defenceTable(lines, "c")).toThrow(/no lines of the net c/);
});

test("times stand beside the product's, and beside another program's where that was measured", () => {
  const metric = { ms: 2, matmul_ratio: 0.1, gflop: 0.5, peak_share: 0.25, nodes_before: 9, nodes_after: 4 };
  const lines = [
    { case: "a", metric, target: { ms: "<=5" }, versions },
    { case: "a", summary: true, reference: { ms: 6 }, versions },
    { case: "b", metric, target: {}, versions },
  ];
  expect(timesTable(lines).split("\n").slice(2, 4)).toEqual([
    "| a | 5 | 2 | 0.1 | 0.4 | 20 | 0.5 | 25 % | 9 → 4 | 6 (3×) |",
    "| b | – | 2 | 0.1 | – | 20 | 0.5 | 25 % | 9 → 4 | – |",
  ]);
});
