import type { RunContents } from "@recon/core";
import { describe, expect, test } from "vitest";
import { evaluationSection } from "./evaluation-section.ts";
import { sampleEvaluation } from "./fixtures/sample-evaluation.ts";

/** The section as plain words. */
function words(change: Parameters<typeof sampleEvaluation>[0] = {}): string {
  const contents = { evaluations: [sampleEvaluation(change)] } as unknown as RunContents;
  return String(evaluationSection(contents, "dense")?.html)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

describe("evaluationSection", () => {
  test("says which defence protects best, and what being told of it changes", () => {
    expect(words()).toContain(
      "At 1.00 points of accuracy dp-sgd protects best: mse 0.600 is left by the strongest attack told of it, 0.650 by",
    );
  });

  test("shows told and not told, bound, blind guess and ε in the row of a defence, and why one has no row", () => {
    const table = words();
    expect(table).toMatch(
      /dp-sgd noise_multiplier 0\.500 0\.600 map, .* 0\.650 inverting-gradients, .* 0\.500 0\.700 17.?800 δ/,
    );
    expect(table).toMatch(/prune-random rate 0\.500 0\.0130 .* 0\.640 .* not proven 0\.700 none/);
    expect(table).toContain("the weakest setting of the sweep already costs 3.0 points");
  });

  test("lists guarantees apart, from the strictest on, with what they cost", () => {
    const [, table = ""] = words().split("With differential privacy");
    expect(table.indexOf("47.6")).toBeGreaterThan(0);
    expect(table.indexOf("47.6")).toBeLessThan(table.indexOf("10.9"));
    expect(words({ cells: sampleEvaluation().cells.slice(0, 2) })).not.toContain("With differential privacy");
  });

  test("a defence that leaves no more than a blind guess is said to, and not ranked above others", () => {
    const [first, ...rest] = sampleEvaluation().cells;
    const blind = first!.outcomes.map((outcome) => ({ ...outcome, score: { mean: 0.9, bounds: null, count: 1 } }));
    expect(words({ cells: [{ ...first!, outcomes: blind }, ...rest] })).toContain(
      "no attack told of it does better than a blind guess against dp-sgd",
    );
  });

  test("says what is missing, and that an interrupted comparison is one", () => {
    expect(words()).toContain("prune-random: without noise nothing keeps an attacker from being exact");
    expect(words({ complete: false })).toContain("The comparison was not finished");
    expect(words({ cells: [], curves: [], pairs: [] })).toContain("No defence could be compared.");
  });
});
