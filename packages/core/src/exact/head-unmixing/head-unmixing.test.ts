import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certify, impliedError } from "../../certificate/certify.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { type DrawnHead, type DrawnHeadOptions, drawHead } from "./fixtures/drawn-head.ts";
import { sameRows } from "./same-rows.ts";
import { type UnmixedHead, type UnmixHeadOptions, unmixHead } from "./unmix-head.ts";

/** 1,000 in the slow run. */
const draws = process.env.RECON_SLOW === "1" ? 1000 : 60;

const unmix = (drawn: DrawnHead, options: Partial<UnmixHeadOptions> = {}) =>
  unmixHead(drawn.head, { labelCounts: drawn.labelCounts, precision: "float64", rng: rng("unmix"), ...options });

/** rms error of the features after matching samples of one label. */
function rmsError({ features, labels }: UnmixedHead, truth: Matrix): number {
  const rms = norm(truth.data) / Math.sqrt(truth.rows);
  let [low, high] = [1e-18, 10];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (sameRows(features, truth, labels, middle)) high = middle;
    else low = middle;
  }
  return high * rms;
}

/** What the evidence certifies of the features. */
function certified({ jacobian, ambiguous, labels }: UnmixedHead, residual: number, precision: "float32" | "float64") {
  return certify({
    residual,
    tolerance: precision === "float64" ? 1e-10 : 1e-4,
    noiseStd: 0,
    samples: labels.length,
    batch: { kind: "given", size: labels.length },
    ...(!ambiguous && { jacobian }),
  });
}

describe("unmixHead", () => {
  it("returns the features of 2, 4, 8 and 9 samples before 10 classes to 1e-9, repeated labels included", async () => {
    for (const samples of [2, 4, 8, 9]) {
      for (const seed of [1, 2]) {
        // As many samples as the errors have dimensions are hard where their features have little in common.
        const own = samples === 9 ? 0.3 : 1;
        const drawn = drawHead(`${samples} ${seed}`, { samples, classes: 10, features: 768, own });
        const found = await unmix(drawn, { range: [0, 1] });
        expect(found.value, found.reason).toBeDefined();
        expect(Array.from(found.value!.labels)).toEqual(Array.from(drawn.labels));
        expect(rmsError(found.value!, drawn.features)).toBeLessThan(1e-9);
        expect(certified(found.value!, found.residual, "float64").level).toBe("locally-unique");
      }
    }
  });

  it("takes a sum over the batch as well as a mean, and fewer features than samples", async () => {
    const summed = drawHead(1, { samples: 5, classes: 10, features: 60, reduction: "sum" });
    const found = await unmix(summed, { reduction: "sum" });
    expect(rmsError(found.value!, summed.features)).toBeLessThan(1e-10);
    const narrow = drawHead(2, { samples: 6, classes: 12, features: 3, width: 2 });
    expect(rmsError((await unmix(narrow)).value!, narrow.features)).toBeLessThan(1e-9);
  });

  it("reaches 1e-3 from a float32 gradient and says how far it may be off", async () => {
    for (const seed of [1, 2, 3]) {
      const drawn = drawHead(seed, { samples: 4, classes: 10, features: 400, float32: true });
      const { value, reason } = await unmix(drawn, { precision: "float32", range: [0, 1] });
      expect(value, reason).toBeDefined();
      const error = rmsError(value!, drawn.features);
      expect(error).toBeLessThan(1e-3 * value!.jacobian.rms);
      expect(error).toBeLessThan(10 * impliedError(value!.jacobian));
    }
  });

  it("estimates features behind known noise within its implied error", async () => {
    const noiseStd = 1e-6;
    const drawn = drawHead(3, { samples: 3, classes: 10, features: 100, width: 0.3, noiseStd });
    const { value, reason } = await unmix(drawn, { noiseStd });
    expect(value, reason).toBeDefined();
    const error = rmsError(value!, drawn.features);
    expect(error).toBeGreaterThan(1e-8);
    expect(error).toBeLessThan(10 * impliedError(value!.jacobian));
    expect(error).toBeLessThan(0.1 * value!.jacobian.rms);
  });

  it("says why where the gradient leaves a mixture", async () => {
    const many = drawHead(1, { samples: 10, classes: 10, features: 50 });
    expect((await unmix(many)).reason).toMatch(/span at most 9 dimensions, so 10 samples leave a mixture/);
    const repeated = drawHead(2, {
      samples: 4,
      classes: 10,
      features: 50,
      edit: (features, labels) => {
        features.data.copyWithin(50, 0, 50);
        labels[1] = labels[0]!;
      },
    });
    expect((await unmix(repeated)).reason).toMatch(/shows 3 of 4 samples/);
    const drawn = drawHead(3, { samples: 2, classes: 4, features: 20 });
    const silent = { ...drawn.head, weightGradient: matrix(4, 20), biasGradient: new Float64Array(4) };
    expect((await unmix({ ...drawn, head: silent })).reason).toMatch(/no sample left a trace/);
    const counts = [...many.labelCounts].map((_, k) => (k === 0 ? 3 : 0));
    const wrong = drawHead(4, { samples: 3, classes: 10, features: 50 });
    expect((await unmix(wrong, { labelCounts: counts })).value).toBeUndefined();
  });

  it("never certifies features that are not the batch's: draws with repeated, saturated, fitted and too many samples", async () => {
    const levels = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(drawnCase, async ({ seed, float32, change, ...options }) => {
        const precision = float32 ? "float32" : "float64";
        const drawn = drawHead(seed, { ...options, float32, edit: edits[change]! });
        const found = await unmix(drawn, { precision, starts: 20 });
        expect(found.reason.length).toBeGreaterThan(20);
        if (found.value === undefined) {
          levels.set("absent", (levels.get("absent") ?? 0) + 1);
          return;
        }
        const { level } = certified(found.value, found.residual, precision);
        levels.set(level, (levels.get(level) ?? 0) + 1);
        if (level !== "locally-unique") return;
        const error = rmsError(found.value, drawn.features);
        expect(error, found.reason).toBeLessThan(10 * impliedError(found.value.jacobian));
      }),
      { numRuns: draws },
    );
    // The property is empty if nothing is certified or nothing refused.
    expect(levels.get("locally-unique") ?? 0).toBeGreaterThan(10);
    expect(levels.get("absent") ?? 0).toBeGreaterThan(5);
  }, 900_000);
});

const drawnCase: fc.Arbitrary<DrawnHeadOptions & { seed: number; float32: boolean; change: number }> = fc.record({
  seed: fc.integer(),
  samples: fc.integer({ min: 1, max: 8 }),
  classes: fc.integer({ min: 2, max: 9 }),
  features: fc.constantFrom(2, 5, 12, 40),
  width: fc.constantFrom(0.1, 0.5, 2, 6),
  float32: fc.boolean(),
  change: fc.integer({ min: 0, max: 4 }),
});

const edits: readonly ((features: Matrix, labels: Int32Array) => void)[] = [
  () => {},
  () => {},
  // A repeated sample, with its label or another.
  ({ data, cols }) => {
    data.copyWithin(cols, 0, cols);
  },
  // A multiple of another sample, which [dW | db] tells apart and dW does not.
  ({ data, cols, rows }) => {
    if (rows > 1)
      data.set(
        data.subarray(0, cols).map((value) => 3 * value),
        cols,
      );
  },
  // Nearly repeated.
  ({ data, cols, rows }) => {
    if (rows > 1)
      data.set(
        data.subarray(0, cols).map((value, j) => value + 1e-6 * Math.sin(j)),
        cols,
      );
  },
];

it("sameRows matches within labels, each row once", () => {
  const a = matrix(3, 1, [1, 2, 3]);
  expect(sameRows(matrix(3, 1, [2, 1, 3]), a, [0, 0, 1], 1e-9)).toBe(true);
  expect(sameRows(matrix(3, 1, [3, 2, 1]), a, [0, 0, 1], 1e-9)).toBe(false);
  expect(sameRows(matrix(3, 1, [1, 1, 3]), a, [0, 0, 1], 1e-9)).toBe(false);
});
