import { expect, test } from "vitest";
import { diagnosisSection } from "./diagnosis-section.ts";
import { sampleDiagnosis } from "./fixtures/sample-diagnosis.ts";
import { sampleScenario } from "./fixtures/sample-run.ts";

const rendered = (...change: Parameters<typeof sampleDiagnosis>): string =>
  diagnosisSection(sampleScenario({ diagnosis: sampleDiagnosis(...change) }))?.html ?? "";

test("shows the summary, the proof, the count, the ranks, the spectrum and what solvers lack", () => {
  const page = rendered();
  for (const words of [
    "What can be known before attacking",
    "Not determined at B = 2",
    "passes through pre-activation of layer 2.weight (1536), gradient of 2.weight (3600)",
    "first to lose information",
    "Count at each layer",
    "could reach 9",
    "Estimated from 24 products",
    "bound 6048",
    "with B = 1",
    "under none of the changes tried",
  ]) {
    expect(page).toContain(words);
  }
  // Of three bars only the last ends before the unknowns.
  expect(page.match(/class="short"/g)).toHaveLength(1);
  expect(page.match(/class="enough"/g)).toHaveLength(2);
});

test("a measured spectrum is a curve and names its rank and tolerance", () => {
  const { jacobian } = sampleDiagnosis();
  const measured = { ...jacobian!, kind: "measured" as const, rank: 312, tolerance: 5.3e-14 };
  const page = rendered({ jacobian: measured });
  expect(page).toContain("Measured rank 312 of 6144, at a tolerance of 5.30 × 10⁻¹⁴");
  expect(page).toContain("<polyline");
  expect(page).not.toContain("spectrum-dot");
});

test("no line for a bound that bounds nothing, no chart of values that are all zero, no proof where nothing is excluded", () => {
  const { count, jacobian } = sampleDiagnosis();
  const page = rendered({ determined: "open", count: { ...count, bound: 6144 } });
  expect(page).not.toContain("No batch has more than");
  expect(page).not.toContain("passes through");
  expect(rendered({ jacobian: { ...jacobian!, points: [[0, 0]] } })).not.toContain("Spectrum.");
});

test("nothing where nothing was recorded, and the reason where it could not be looked at", () => {
  expect(diagnosisSection(sampleScenario({}))).toBeUndefined();
  const failed = diagnosisSection(sampleScenario({ noDiagnosis: "The op has no <second> derivative." }));
  expect(failed?.html).toContain("The op has no &#60;second&#62; derivative.");
});
