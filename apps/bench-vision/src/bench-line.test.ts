import type { ResultRecord } from "@recon/core";
import { describe, expect, test } from "vitest";
import { type BenchLine, benchLine, benchSummary, failedLine, meets } from "./bench-line.ts";
import { cases } from "./cases.ts";
import { run, selectCases } from "./run.ts";

const bench = cases.find(({ id }) => id === "lenet-b1")!;
const baseline = cases.find(({ id }) => id === "lenet-b1/idlg")!;
const versions = { recon: "0" };

const result = (psnr: number, seconds: number): Omit<ResultRecord, "pictures"> => ({
  scenario: "lenet-b1",
  seed: 1,
  trial: 0,
  item: "a",
  attack: "recursion",
  given: ["architecture"],
  observation: "float32",
  observed: { norm: 1, relNoise: 0 },
  metric: { psnr_db: psnr, ssim: 1 },
  floor: { psnr_db: 12, ssim: 0.1 },
  certificate: "exact",
  certificateReason: "",
  verdict: "recovered",
  reason: "",
  residual: 1e-7,
  evaluations: 1,
  seconds,
  trace: [],
});

describe("lines", () => {
  test("a target is met from its bound on, in its direction", () => {
    expect([meets(100, ">=100"), meets(99.9, ">=100"), meets(3, "<=3"), meets(3.1, "<=3")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([meets(undefined, ">=0"), meets(Number.NaN, "<=3")]).toEqual([false, false]);
  });

  test("an item meets its case when it meets every target; the gain is what exceeds the floor", () => {
    expect(benchLine(bench, result(110, 1), versions)).toMatchObject({ met: true, metric: { psnr_gain_db: 98 } });
    expect(benchLine(bench, result(110, 9), versions).met).toBe(false);
    expect(benchLine(bench, result(50, 1), versions).met).toBe(false);
    expect(benchLine(baseline, result(50, 1), versions)).not.toHaveProperty("met");
  });

  test("a summary counts failures as missed and leaves them out of the spread", () => {
    const lines = [
      benchLine(bench, result(110, 1), versions),
      benchLine(bench, result(120, 2), versions),
      failedLine(bench, 3, "broken", versions),
    ];
    const summary = benchSummary(bench, lines);
    expect(summary).toMatchObject({ summary: true, items: 3, metric: { psnr_db: { median: 115, minimum: 110 } } });
    expect(summary.met).toBeCloseTo(2 / 3, 12);
    expect(benchSummary(baseline, [])).not.toHaveProperty("met");
  });
});

describe("runs", () => {
  test("a case brings its baselines along; an unknown one names what there is", () => {
    expect(selectCases(["lenet-b1"]).map(({ id }) => id)).toEqual([
      "lenet-b1",
      "lenet-b1/idlg",
      "lenet-b1/inverting-gradients",
    ]);
    expect(selectCases([])).toBe(cases);
    expect(() => selectCases(["lenet"])).toThrow(/Unknown case lenet. There are: mlp-b1, /);
  });

  test("the closed form of the fully connected net meets its decibels", async () => {
    const lines = [];
    const options = { cases: ["mlp-b1"], seeds: 1, quick: true, version: "0" };
    for await (const line of run(options, new AbortController().signal)) lines.push(line);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      app: "vision",
      case: "mlp-b1",
      seed: 1,
      certificate: "exact",
      observation: "float32",
    });
    expect((lines[0] as BenchLine).metric.psnr_db).toBeGreaterThan(100);
  });
});
