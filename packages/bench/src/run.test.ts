import { ReconError } from "@recon/core";
import { expect, test } from "vitest";
import type { BenchCase, Measurement } from "./bench-case.ts";
import { type BenchLine, type BenchSummary, benchLine, benchSummary, failedMeasurement, meets } from "./bench-line.ts";
import { type RunOptions, run, selectCases } from "./run.ts";
import { seedRow, summaryRow } from "./table.ts";

const facts = { app: "test", versions: { recon: "0" } };

const measured = (rms: number, seconds = 1): Measurement => ({
  item: "a",
  attack: "guess",
  given: ["architecture"],
  observation: "float64",
  metric: { rms },
  floor: { rms: 1 },
  certificate: "exact",
  verdict: "recovered",
  reason: "",
  residual: 0,
  seconds,
  evaluations: 1,
});

/** One item a seed, as exact as the seed is small; seed 3 fails. */
const bench: BenchCase = {
  id: "c",
  suite: "s",
  targets: { rms: "<=1e-6", seconds: "<=3" },
  seeds: 4,
  share: 0.5,
  async *trial(seed) {
    if (seed === 3) throw new ReconError("broken", "broken on purpose");
    yield measured(Number(`1e${seed - 8}`));
  },
};
const baseline: BenchCase = { ...bench, id: "c/guess", targets: {} };

async function linesOf(options: Partial<RunOptions>): Promise<(BenchLine | BenchSummary)[]> {
  const lines = [];
  const all = { app: "test", version: "0", cases: [bench], quick: false, threads: 1, ...options };
  for await (const line of run(all, new AbortController().signal)) lines.push(line);
  return lines;
}

test("a target is met from its bound on, in its direction; what was not measured misses", () => {
  expect([meets(100, ">=100"), meets(99.9, ">=100"), meets(3, "<=3"), meets(3.1, "<=3")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([meets(undefined, ">=0"), meets(Number.NaN, "<=3")]).toEqual([false, false]);
});

test("an item meets its case when it meets every target, and a baseline is not judged", () => {
  expect(benchLine(bench, 1, measured(1e-7), facts).met).toBe(true);
  expect(benchLine(bench, 1, measured(1e-7, 9), facts).met).toBe(false);
  expect(benchLine(bench, 1, measured(1e-5), facts).met).toBe(false);
  expect(benchLine(baseline, 1, measured(1e-5), facts)).not.toHaveProperty("met");
  expect(benchSummary(baseline, [], facts)).not.toHaveProperty("met");
});

test("a line says who scores its floor, where that is known", () => {
  expect(benchLine(bench, 1, { ...measured(1e-7), floorName: "the day before" }, facts)).toMatchObject({
    floor: { rms: 1 },
    floor_name: "the day before",
  });
  expect(benchLine(bench, 1, measured(1e-7), facts)).not.toHaveProperty("floor_name");
});

test("a run yields every item and then the summary; failures are lines that missed and have no metric", async () => {
  const lines = await linesOf({});
  expect(lines).toHaveLength(5);
  expect(lines[2]).toMatchObject({ seed: 3, error: "broken on purpose", met: false, metric: {} });
  expect(lines[4]).toMatchObject({ summary: true, items: 4, seeds: 4, met: 0.5, seeds_met: 2, case_met: true });
  expect((lines[4] as BenchSummary).metric.rms).toMatchObject({ median: 1e-6, maximum: 1e-4 });
});

test("the share of seeds decides the case, and a quick run takes two seeds", async () => {
  const strict = await linesOf({ cases: [{ ...bench, share: 0.75 }] });
  expect(strict.at(-1)).toMatchObject({ case_met: false });
  expect((await linesOf({ quick: true })).at(-1)).toMatchObject({ seeds: 2, case_met: true });
});

test("a case may be judged by the median over its items, where what failed counts as worst", () => {
  const byMedian: BenchCase = { ...bench, judged: "median" };
  const judged = (...values: readonly (number | undefined)[]) =>
    benchSummary(
      byMedian,
      values.map((value, i) =>
        benchLine(byMedian, i + 1, value === undefined ? failedMeasurement("broken") : measured(value), facts),
      ),
      facts,
    );
  expect(judged(1e-7, 1e-7, 1)).toMatchObject({ judged: "median", seeds_met: 2, case_met: true });
  expect(judged(1e-7, 1, 1).case_met).toBe(false);
  expect(judged(1e-7, 1e-7, undefined).case_met).toBe(true);
  expect(judged(1e-7, undefined, undefined).case_met).toBe(false);
  expect(judged().case_met).toBe(false);
  expect(summaryRow(judged(1e-7, 1e-7, 1))).toMatch(/the median +met/);
});

test("defects are not turned into lines", async () => {
  const broken: BenchCase = {
    ...bench,
    // biome-ignore lint/correctness/useYield: it fails before it could
    async *trial() {
      throw new TypeError("a defect");
    },
  };
  await expect(linesOf({ cases: [broken] })).rejects.toThrow("a defect");
});

test("a case brings its baselines along; an unknown one names what there is", () => {
  const all = [bench, baseline, { ...bench, id: "other", suite: "t" }];
  const ids = (options: Parameters<typeof selectCases>[1]): string[] => selectCases(all, options).map(({ id }) => id);
  expect(ids({ ids: ["c"] })).toEqual(["c", "c/guess"]);
  expect(ids({ suite: "t" })).toEqual(["other"]);
  expect(ids({})).toHaveLength(3);
  expect(() => ids({ ids: ["d"] })).toThrow(/Unknown case d. There are: c, c\/guess, other/);
  expect(() => ids({ suite: "u" })).toThrow(/Unknown suite u. There are: s, t/);
});

test("rows show the worst item of a seed and what the case asks for", async () => {
  const lines = (await linesOf({})).filter((line): line is BenchLine => !("summary" in line));
  expect(seedRow([lines[0]!, { ...lines[0]!, metric: { rms: 0.5 } }])).toMatch(/c f64 +1 +2 +rms 1.0e-7 +0.5 /);
  expect(seedRow([lines[2]!])).toMatch(/seed 3 failed: broken on purpose/);
  expect(summaryRow(benchSummary(bench, lines, facts))).toMatch(/2 of 4 seeds +met +\(rms <=1e-6, seconds <=3\)/);
});
