import type { FailureRecord, ResultRecord, ScenarioRecord } from "@recon/core";
import { expect, test } from "vitest";
import { shortNumber } from "./result-words.ts";
import { median, summarise, summaryTable } from "./summary.ts";

const scenario = {
  id: "s",
  metrics: [
    { name: "psnr_db", unit: "dB", better: "higher", perfect: Number.POSITIVE_INFINITY },
    { name: "rms", unit: "", better: "lower", perfect: 0 },
  ],
} as unknown as ScenarioRecord;

const result = (attack: string, psnr: number, rms: number, verdict: string): ResultRecord =>
  ({
    scenario: "s",
    attack,
    metric: { psnr_db: psnr, rms },
    floor: { psnr_db: 12, rms: 0.3 },
    certificate: "none",
    verdict,
    seconds: 2,
  }) as unknown as ResultRecord;

test("sums up by attack: the median, and the worst in the metric's own direction", () => {
  const failure = { scenario: "s", attack: "b" } as unknown as FailureRecord;
  const results = [result("a", 30, 0.1, "partial"), result("a", 20, 0.4, "partial"), result("a", 90, 0.2, "recovered")];
  const cases = summarise([scenario], results, [failure]);
  expect(cases).toHaveLength(2);
  expect(cases[0]).toEqual({
    case: "s",
    attack: "a",
    items: 3,
    failures: 0,
    floorName: "blind guess",
    metric: { psnr_db: { median: 30, worst: 20, floor: 12 }, rms: { median: 0.2, worst: 0.4, floor: 0.3 } },
    certificates: { none: 3 },
    verdicts: { partial: 2, recovered: 1 },
    seconds: 2,
  });
  expect(cases[1]).toMatchObject({ attack: "b", items: 0, failures: 1 });
  const table = summaryTable(cases, [scenario]);
  expect(table[0]).toMatch(/ worst +blind guess +certificate /);
  expect(table[1]).toMatch(/^s +a +3 +psnr_db +30 dB +20 dB +12 dB +none 3 +partial 2, recovered 1 +2 s$/);
  expect(table[2]).toMatch(/^s +b +0 +psnr_db +- +- +-/);
});

test("the floor is called by its name: above the column where there is one, with the numbers where there are several", () => {
  const by = (attack: string, floorName: string): ResultRecord => ({
    ...result(attack, 30, 0.1, "partial"),
    floorName,
  });
  const tableOf = (results: readonly ResultRecord[]): readonly string[] =>
    summaryTable(summarise([scenario], results, []), [scenario]);
  expect(tableOf([by("a", "the day before"), by("b", "the day before")])[0]).toMatch(/ the day before +certificate /);
  const mixed = tableOf([by("a", "the day before"), by("b", "blind guess")]);
  expect(mixed[0]).toMatch(/ floor +certificate /);
  expect(mixed[1]).toMatch(/ 12 dB \(the day before\) +none 1 /);
  expect(mixed[2]).toMatch(/ 12 dB \(blind guess\) +none 1 /);
  const within = tableOf([by("a", "the day before"), by("a", "blind guess")]);
  expect(within[0]).toMatch(/ floor +certificate /);
  expect(within[1]).toMatch(/ 12 dB +none 2 /);
});

test("the median of an odd and an even number, and of nothing", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test.each([
  [113.24567, "113.2"],
  [0, "0"],
  [0.00004, "4.0e-5"],
  [12345678, "1.2e+7"],
  [Number.POSITIVE_INFINITY, "inf"],
])("%d is written %s", (value, words) => {
  expect(shortNumber(value)).toBe(words);
});
