import type { ResultRecord, RunContents } from "@recon/core";
import { describe, expect, test } from "vitest";
import { counted, findings, formatGain, median, scoreIn } from "./finding.ts";
import { sampleRecord, sampleResult, sampleScenario } from "./fixtures/sample-run.ts";
import { leakOf } from "./leak.ts";
import { meaning } from "./meaning.ts";

const scenario = sampleScenario({ trials: 4 });

function contents(results: readonly Partial<ResultRecord>[], failed = 0): RunContents {
  const error = { code: "diverged", message: "Infinite." };
  return {
    run: { ...sampleRecord, scenarios: [scenario] },
    results: results.map((change, trial) => ({ ...sampleResult({ trial, ...change }), pictures: [] })),
    evaluations: [],
    failures: Array.from({ length: failed }, () => ({
      scenario: "dense",
      seed: 1,
      trial: 3,
      attack: "analytic",
      error,
    })),
  };
}

function only(results: readonly Partial<ResultRecord>[], failed = 0) {
  const found = findings(contents(results, failed), scenario);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const psnr = (score: number, floor = 10): Partial<ResultRecord> => ({
  metric: { psnr_db: score },
  floor: { psnr_db: floor },
  certificate: "none",
  verdict: "budget spent",
});

describe("findings", () => {
  test("the floor has the name that all items of the attack share, and else none", () => {
    const named = (floorName: string): Partial<ResultRecord> => ({ ...psnr(14), floorName });
    expect(only([named("the day before"), named("the day before")]).floorName).toBe("the day before");
    expect(only([named("the day before"), named("blind guess")]).floorName).toBe("floor");
    expect(only([psnr(14)]).floorName).toBe("floor");
    expect(leakOf(only([named("the day before")]))?.sentence).toContain("a guess (the day before) that never saw");
  });

  test("median, worst item and paired gain of known scores; a failed trial counts as missed", () => {
    const finding = only([psnr(14), psnr(20, 11), psnr(12)], 1);
    expect(finding).toMatchObject({ attempted: 4, planned: 4, recovered: 0 });
    const [score] = finding.scores;
    expect(finding.scores).toHaveLength(1);
    expect(score).toMatchObject({ median: 14, worst: 12, cut: false, floor: { median: 10, better: 3, items: 3 } });
    expect(score?.mean.mean).toBeCloseTo(46 / 3, 12);
    expect(score?.floor?.gain.mean).toBeCloseTo(5, 12);
    expect(score?.floor?.gain.bounds?.[0]).toBeGreaterThanOrEqual(2);
    expect(score?.floor?.gain.bounds?.[1]).toBeLessThanOrEqual(9);
  });

  test("an infinite score counts as the ceiling of its unit, and the gain is then a lower bound", () => {
    const [score] = only([psnr(Number.POSITIVE_INFINITY), psnr(120)]).scores;
    expect(score).toMatchObject({ median: 100, worst: 100, cut: true, mean: { mean: 100, bounds: [100, 100] } });
    expect(formatGain(90, score!)).toBe("≥ 90.0 dB");
  });

  test("lower is better turns the gain round", () => {
    const metric = { name: "rms", unit: "", better: "lower", perfect: 0 } as const;
    const own = { ...scenario, metrics: [metric] };
    const [finding] = findings(contents([{ metric: { rms: 0.1 }, floor: { rms: 0.4 } }]), own);
    expect(finding?.scores[0]).toMatchObject({ worst: 0.1, floor: { better: 1 } });
    expect(finding?.scores[0]?.floor?.gain.mean).toBeCloseTo(0.3, 12);
  });

  test("equal runs give equal intervals", () => {
    const results = [psnr(14), psnr(20), psnr(12), psnr(17)];
    expect(only(results).scores).toEqual(only(results).scores);
  });

  test("small parts", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(scoreIn({ a: 1 }, "constructor")).toBeUndefined();
    expect(counted(101, { name: "x", unit: "", better: "higher", perfect: 1 })).toBe(101);
  });
});

describe("what a finding means", () => {
  const words = (results: readonly Partial<ResultRecord>[], failed = 0): string => {
    const { headline, sentences, tone } = meaning(only(results, failed));
    return `${tone}: ${headline} ${sentences.join(" ")}`;
  };
  const caution = "An attack that fails is not proof of safety";

  test("all items proven", () => {
    const said = words([{}, {}]);
    expect(said).toMatch(/^exposed: The data can be read back\. All 2 items were reconstructed, with proof/);
    expect(said).not.toContain(caution);
  });

  test("some items proven, a failure among the rest", () => {
    expect(words([{}, psnr(14)], 1)).toMatch(/^exposed: Part of the data can be read back\. 1 of 3 items/);
  });

  test("locally unique is not called the only answer", () => {
    const said = words([{ certificate: "locally-unique" }]);
    expect(said).toContain("no other answer nearby");
    expect(said).not.toContain("algebraic");
  });

  test("above the floor without proof", () => {
    const said = words([psnr(15), psnr(16), psnr(15), psnr(17), psnr(15)]);
    expect(said).toMatch(/^leaking: The observation leaks\. The median PSNR is 15\.0 dB/);
    expect(said).not.toContain("so few");
  });

  test("equal to the originals, only consistent", () => {
    const exact: Partial<ResultRecord> = { certificate: "consistent", verdict: "partial", metric: { psnr_db: 113 } };
    const said = words([exact, exact]);
    expect(said).toMatch(/^exposed: The data comes back, equal up to rounding/);
    expect(said).toContain("not proof that no other answer fits");
    expect(said).toContain("With so few items");
  });

  test("two items above the floor are a hint, one is not even that", () => {
    expect(words([psnr(15), psnr(16)])).toMatch(/^leaking: The observation seems to leak/);
    const one = words([psnr(15)]);
    expect(one).toMatch(/^open: A leak was not established/);
    expect(one).toContain("1 item, too few for an interval");
    expect(one).toContain(caution);
  });

  test.each([
    ["below the floor", [psnr(8), psnr(7)], "This attack found no leak"],
    ["on both sides of the floor", [psnr(8), psnr(12.5), psnr(9), psnr(11.5)], "A leak was not established"],
  ])("%s: no claim of safety", (_, results, headline) => {
    const said = words(results);
    expect(said).toMatch(/^open: /);
    expect(said).toContain(headline);
    expect(said).toContain(caution);
  });

  test("not identifiable is said with its condition", () => {
    const said = words([{ ...psnr(8), verdict: "not identifiable" }]);
    expect(said).toContain("does not determine the data for someone who knows what this attacker knew");
    expect(said).toContain(caution);
  });

  test("no originals, nothing but failures, and the oracle", () => {
    expect(words([{ ...psnr(8), metric: {}, floor: {} }])).toContain("could not be measured");
    expect(words([], 2)).toMatch(/^open: Nothing was measured\. Every trial/);
    expect(words([{ given: ["trueMatching"] }])).toMatch(/^open: A debugging run/);
  });

  test("scores that are no numbers make no claim", () => {
    expect(words([psnr(Number.NaN), psnr(20)])).toMatch(/^open: /);
  });
});
