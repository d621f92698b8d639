import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { squaredErrorTarget } from "../exact/label-counts.ts";
import { singleSample } from "../exact/linear-layer.ts";
import { rankTest } from "../exact/rank.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { matrixVector, norm } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { certify, type Evidence, impliedError } from "./certify.ts";
import { rankBound } from "./rank-bound.ts";
import { residualTolerance } from "./tolerance.ts";
import { verdictOf } from "./verdict.ts";

const normals = (n: number, seed: number | string): Float64Array => {
  const r = rng(seed);
  return Float64Array.from({ length: n }, () => r.normal());
};
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (x, i) => x - b[i]!));
const outer = (a: ArrayLike<number>, b: ArrayLike<number>): Matrix =>
  multiply(matrix(a.length, 1, a), matrix(1, b.length, b));
const added = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((x, i) => x + b.data[i]!),
  );
const sumOf = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array => Float64Array.from(a, (x, i) => x + b[i]!);

/** The evidence of someone who takes a single-sample identity at its word, with B unknown. */
const careless = {
  noiseStd: 0,
  tolerance: 1e-10,
  samples: 1,
  identity: { name: "x = dWᵀ db / |db|²" },
};

describe("fixtures that a careless check gets wrong", () => {
  it("two samples in a linear softmax model of two classes: never exact", async () => {
    const [w, b] = [matrix(2, 6, normals(12, 1)), normals(2, 2)];
    const gradient = (x: Float64Array, label: number): Float64Array => {
      const z = sumOf(matrixVector(w, x), b);
      const p = 1 / (1 + Math.exp(z[1]! - z[0]!));
      return Float64Array.from([p - (label === 0 ? 1 : 0), 1 - p - (label === 1 ? 1 : 0)]);
    };
    const [x1, x2] = [normals(6, 3), normals(6, 4)];
    const [r1, r2] = [gradient(x1, 0), gradient(x2, 0)];
    const dw = added(outer(r1, x1), outer(r2, x2));
    const db = sumOf(r1, r2);
    const rank = (await rankTest(dw, db, { precision: "float64" })).value!;
    expect(rank.rank).toBe(1);
    expect(rank.singularValues[1]! / rank.singularValues[0]!).toBeLessThan(1e-15);
    const found = singleSample(dw, db);
    expect(found.residual).toBeLessThan(1e-15);
    expect(distance(found.value!, x1)).toBeGreaterThan(0.1);
    expect(distance(found.value!, x2)).toBeGreaterThan(0.1);
    const bound = rankBound({ inputs: 6, outputs: 2, laterWidths: [], loss: "softmax", piecewiseLinear: true });
    const verdict = certify({ ...careless, residual: found.residual, batch: { kind: "rank", rank: rank.rank, bound } });
    expect(verdict.level).toBe("consistent");
    expect(verdict.reason).toMatch(/a mixture of several samples is not excluded/);
  });

  it("two samples in scalar linear regression, where one sample reproduces the whole gradient: never exact", async () => {
    const [w, b] = [matrix(1, 5, normals(5, 5)), 0.3];
    const [x1, x2] = [normals(5, 6), normals(5, 7)];
    const residualOf = (x: Float64Array, y: number): number => 2 * (matrixVector(w, x)[0]! + b - y);
    const [r1, r2] = [residualOf(x1, 1) / 2, residualOf(x2, -0.5) / 2];
    const dw = added(outer([r1], x1), outer([r2], x2));
    const db = [r1 + r2];
    const x = singleSample(dw, db).value!;
    const target = squaredErrorTarget([matrixVector(w, x)[0]! + b], db)[0]!;
    const again = residualOf(x, target);
    const residual =
      Math.hypot(distance(outer([again], x).data, dw.data), again - db[0]!) / Math.hypot(norm(dw.data), db[0]!);
    expect(residual).toBeLessThan(1e-14);
    expect(distance(x, x1)).toBeGreaterThan(0.1);
    const rank = (await rankTest(dw, db, { precision: "float64" })).value!.rank;
    const bound = rankBound({ inputs: 5, outputs: 1, laterWidths: [], loss: "squared", piecewiseLinear: true });
    expect(certify({ ...careless, residual, batch: { kind: "rank", rank, bound } }).level).toBe("consistent");
    expect(certify({ ...careless, residual, batch: { kind: "unknown" } }).level).toBe("consistent");
    expect(certify({ ...careless, residual, batch: { kind: "given", size: 2 } }).level).toBe("consistent");
  });

  it("ReLU 5-16-1, squared error, two samples in one pattern: rank 1, whole residual 1e-16, and wrong: never exact", async () => {
    const [w1, b1, w2, b2] = [matrix(16, 5, normals(80, 8)), normals(16, 9), normals(16, 10), 0.1];
    const forward = (x: Float64Array) => {
      const z = sumOf(matrixVector(w1, x), b1);
      const h = z.map((value) => Math.max(value, 0));
      return { on: z.map((value) => (value > 0 ? 1 : 0)), h, y: h.reduce((s, value, i) => s + value * w2[i]!, b2) };
    };
    const gradient = (x: Float64Array, target: number, batch: number) => {
      const { on, h, y } = forward(x);
      const r = (2 * (y - target)) / batch;
      const delta = on.map((value, i) => value * w2[i]! * r);
      return { dw1: outer(delta, x), db1: delta, dw2: h.map((value) => value * r), db2: r };
    };
    const x1 = normals(5, 11);
    const step = normals(5, 12);
    // As far along the step as the activation pattern lets the second sample go.
    let length = 1;
    const moved = (): Float64Array => x1.map((value, i) => value + length * step[i]!);
    while (distance(forward(moved()).on, forward(x1).on) > 0) length *= 0.9;
    const x2 = moved();
    const [g1, g2] = [gradient(x1, forward(x1).y - 1, 2), gradient(x2, forward(x2).y - 2, 2)];
    const dw = added(g1.dw1, g2.dw1);
    const db = sumOf(g1.db1, g2.db1);
    const whole = [...dw.data, ...db, ...sumOf(g1.dw2, g2.dw2), g1.db2 + g2.db2];
    const rank = (await rankTest(dw, db, { precision: "float64" })).value!.rank;
    expect(rank).toBe(1);
    const x = singleSample(dw, db).value!;
    const target = forward(x).y - (g1.db2 + g2.db2) / 2;
    const again = gradient(x, target, 1);
    const residual = distance([...again.dw1.data, ...again.db1, ...again.dw2, again.db2], whole) / norm(whole);
    expect(residual).toBeLessThan(1e-14);
    expect(Math.min(distance(x, x1), distance(x, x2))).toBeGreaterThan(0.02);
    const bound = rankBound({ inputs: 5, outputs: 16, laterWidths: [1], loss: "squared", piecewiseLinear: true });
    expect(bound).toEqual({ total: 6, perPattern: 1 });
    const answer = certify({ ...careless, residual, batch: { kind: "rank", rank, bound } });
    expect(answer.level).toBe("consistent");
    expect(answer.reason).toMatch(/1 sample of one activation pattern/);
  });
});

describe("certify", () => {
  const jacobian = { rank: 10, unknowns: 10, smallestSingularValue: 0.1, residualNorm: 1e-9, noiseNorm: 1e-8, rms: 1 };
  const full: Evidence = {
    residual: 1e-12,
    tolerance: 1e-10,
    noiseStd: 0,
    samples: 1,
    batch: { kind: "rank", rank: 1, bound: { total: 64, perPattern: 9 } },
    identity: { name: "the single-sample ratio" },
    jacobian,
  };

  it("is exact where everything holds, and says on what it rests", () => {
    expect(certify(full)).toEqual({
      level: "exact",
      reason:
        "Residual 1.0e-12 on the whole observation, tolerance 1.0e-10; the single-sample ratio leaves no other solution.",
    });
    expect(certify({ ...full, batch: { kind: "given", size: 1 } }).level).toBe("exact");
    const { identity, ...searched } = full;
    expect(identity).toBeDefined();
    expect(certify(searched).level).toBe("locally-unique");
    expect(certify({ ...full, noiseStd: 0.1 }).level).toBe("locally-unique");
  });

  it("falls to consistent for every missing piece, and to none without a fit", () => {
    const levelOf = (changes: Partial<Evidence>): string => certify({ ...full, ...changes }).level;
    expect(levelOf({ residual: 1e-9 })).toBe("none");
    expect(levelOf({ residual: Number.NaN })).toBe("none");
    expect(levelOf({ batch: { kind: "unknown" } })).toBe("consistent");
    expect(levelOf({ batch: { kind: "given", size: 4 } })).toBe("consistent");
    expect(levelOf({ batch: { kind: "rank", rank: 2, bound: { total: 64 } } })).toBe("consistent");
    expect(levelOf({ batch: { kind: "rank", rank: 1, bound: { total: 1 } } })).toBe("consistent");
    expect(levelOf({ samples: 9, batch: { kind: "rank", rank: 9, bound: { total: 64, perPattern: 9 } } })).toBe(
      "consistent",
    );
    expect(
      levelOf({
        samples: 9,
        batch: { kind: "rank", rank: 9, bound: { total: 64, perPattern: 9 }, samplesInOnePattern: 3 },
      }),
    ).toBe("exact");
    const { identity, jacobian: dropped, ...bare } = full;
    expect([identity, dropped]).not.toContain(undefined);
    expect(certify(bare).level).toBe("consistent");
    expect(certify({ ...bare, jacobian: { ...jacobian, rank: 9 } }).level).toBe("consistent");
    expect(certify({ ...bare, jacobian: { ...jacobian, noiseNorm: 1e-3 } }).level).toBe("consistent");
    expect(certify({ ...bare, noiseStd: 1, identity: full.identity! }).level).toBe("consistent");
    expect(impliedError({ ...jacobian, noiseNorm: 1e-3 })).toBeCloseTo(0.01, 12);
  });

  it("never rises when a piece of evidence is taken away (drawn evidence)", () => {
    const order = ["none", "consistent", "locally-unique", "exact"];
    const height = (e: Evidence): number => order.indexOf(certify(e).level);
    const size = fc.integer({ min: 1, max: 4 });
    const batch: fc.Arbitrary<Evidence["batch"]> = fc.oneof(
      fc.record({ kind: fc.constant("given" as const), size }),
      fc.record({
        kind: fc.constant("rank" as const),
        rank: size,
        bound: fc.record({ total: size, perPattern: size }),
      }),
    );
    fc.assert(
      fc.property(
        batch,
        size,
        fc.constantFrom(1e-12, 1e-8),
        fc.constantFrom(0, 1),
        fc.integer({ min: 8, max: 10 }),
        (b, samples, residual, noiseStd, rank) => {
          const evidence: Evidence = {
            ...full,
            batch: b,
            samples,
            residual,
            noiseStd,
            jacobian: { ...jacobian, rank },
          };
          const { identity, ...searched } = evidence;
          const { jacobian: dropped, ...algebraic } = evidence;
          expect([identity, dropped]).not.toContain(undefined);
          for (const less of [searched, algebraic, { ...evidence, batch: { kind: "unknown" as const } }]) {
            expect(height(less)).toBeLessThanOrEqual(height(evidence));
          }
          if (
            b.kind === "rank" &&
            (b.rank >= b.bound.total || samples >= (b.bound.perPattern ?? Number.POSITIVE_INFINITY))
          ) {
            expect(height(evidence)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});

describe("rankBound", () => {
  it("is min(m, d + 1) in general and the free outputs at a head", () => {
    const layer = { inputs: 30, outputs: 64, laterWidths: [32, 10], loss: "softmax" as const };
    expect(rankBound({ ...layer, piecewiseLinear: false })).toEqual({ total: 31 });
    expect(rankBound({ ...layer, piecewiseLinear: true })).toEqual({ total: 31, perPattern: 9 });
    expect(rankBound({ ...layer, laterWidths: [4, 10], piecewiseLinear: true }).perPattern).toBe(4);
    expect(rankBound({ ...layer, outputs: 10, laterWidths: [], piecewiseLinear: true }).total).toBe(9);
    expect(rankBound({ inputs: 3, outputs: 24, laterWidths: [], loss: "squared", piecewiseLinear: true }).total).toBe(
      4,
    );
  });
});

describe("residualTolerance", () => {
  it("is rounding without noise, and the chi-square quantile with it", () => {
    const quiet = { noiseStd: 0, entries: 100, norm: 5 };
    expect(residualTolerance({ ...quiet, precision: "float32" })).toBe(1e-4);
    expect(residualTolerance({ ...quiet, precision: "float64" })).toBe(1e-10);
    // The .99 quantile of chi-square with 100 degrees of freedom is 135.807.
    const loud = residualTolerance({ precision: "float32", noiseStd: 0.1, entries: 100, norm: 5 });
    expect(loud / ((0.1 * Math.sqrt(135.807)) / 5)).toBeCloseTo(1, 3);
  });
});

describe("verdictOf", () => {
  it("follows the levels, the diagnosis and the end of the search", () => {
    const ended = "all 500 evaluations were used";
    expect(verdictOf({ levels: ["exact"], ended })).toEqual({
      verdict: "recovered",
      reason: "The sample is certified exact.",
    });
    expect(verdictOf({ levels: ["exact", "locally-unique"], ended }).reason).toMatch(
      /All 2 samples are certified locally unique/,
    );
    expect(verdictOf({ levels: ["exact", "none", "exact"], ended })).toEqual({
      verdict: "partial",
      reason: "2 of 3 samples are certified (number 1, 3).",
    });
    expect(verdictOf({ levels: ["consistent"], ended }).verdict).toBe("partial");
    expect(verdictOf({ levels: ["consistent"], undetermined: "rank 700 for 3072 unknowns", ended }).verdict).toBe(
      "not identifiable",
    );
    expect(verdictOf({ levels: ["none"], ended })).toEqual({
      verdict: "budget spent",
      reason: "No solution explained the observation; the search ended: all 500 evaluations were used.",
    });
    expect(verdictOf({ levels: [], ended }).verdict).toBe("budget spent");
    const approximate = "residual .1 with non-negative multipliers";
    expect(verdictOf({ levels: ["none"], approximate, ended })).toEqual({
      verdict: "partial",
      reason:
        "The solution explains the observation approximately, but others might too: residual .1 with non-negative multipliers.",
    });
    expect(verdictOf({ levels: ["none"], approximate, undetermined: "rank 1", ended }).verdict).toBe(
      "not identifiable",
    );
  });
});
