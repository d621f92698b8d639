import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { innerProduct, norm } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { labelCounts, squaredErrorTarget } from "./label-counts.ts";
import { inputDirection, singleSample } from "./linear-layer.ts";
import { rankTest } from "./rank.ts";

const normals = (n: number, seed: number | string): Float64Array => {
  const r = rng(seed);
  return Float64Array.from({ length: n }, () => r.normal());
};
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (x, i) => x - b[i]!));
/** dW = Σ δᵢ xᵢᵀ and db = Σ δᵢ for B samples, δ [B, m], x [B, d]. */
const gradients = (delta: Matrix, x: Matrix): { dw: Matrix; db: Float64Array } => ({
  dw: multiply(delta, x, { transposeA: true }),
  db: multiply(matrix(1, delta.rows, new Float64Array(delta.rows).fill(1)), delta).data,
});
const rounded = (a: Float64Array): Float64Array => Float64Array.from(Float32Array.from(a));

describe("singleSample", () => {
  it("returns the input to rounding, from float64 and from float32", () => {
    const delta = matrix(64, 1, normals(64, 1));
    const x = normals(30, 2);
    const { dw, db } = gradients(matrix(1, 64, delta.data), matrix(1, 30, x));
    const exact = singleSample(dw, db);
    expect(distance(exact.value!, x) / norm(x)).toBeLessThan(1e-15);
    expect(exact.residual).toBeLessThan(1e-15);
    const single = singleSample(matrix(64, 30, rounded(dw.data)), rounded(db));
    expect(distance(single.value!, x) / norm(x)).toBeLessThan(2e-7);
  });

  it("has the noise error known for d = 30, m = 64: median 1.5e-4, 1.5e-3, 1.6e-2 at relative noise 1e-3, 1e-2, 1e-1", () => {
    for (const [noise, expected] of [
      [1e-3, 1.5e-4],
      [1e-2, 1.5e-3],
      [1e-1, 1.6e-2],
    ] as const) {
      const errors = Array.from({ length: 101 }, (_, trial) => {
        const x = normals(30, `x ${trial}`);
        const { dw, db } = gradients(matrix(1, 64, normals(64, `d ${trial}`)), matrix(1, 30, x));
        const jitter = (data: Float64Array, name: string): Float64Array => {
          const e = normals(data.length, `${name} ${trial}`);
          const scale = (noise * norm(data)) / Math.sqrt(data.length);
          return data.map((value, i) => value + scale * e[i]!);
        };
        const found = singleSample(matrix(64, 30, jitter(dw.data, "w")), jitter(db, "b"));
        return distance(found.value!, x) / norm(x);
      }).sort((a, b) => a - b);
      expect(errors[50]! / expected).toBeGreaterThan(0.75);
      expect(errors[50]! / expected).toBeLessThan(1.33);
    }
  });

  it("refuses a zero bias gradient", () => {
    const { value, reason } = singleSample(matrix(2, 2), [0, 0]);
    expect(value).toBeUndefined();
    expect(reason).toMatch(/zero/);
  });
});

describe("inputDirection", () => {
  it("follows cos² = max(0, 1 − m d z⁴) / (1 + d z²)", async () => {
    for (const [m, d, z, predicted] of [
      [20, 50, 0.1, 0.775],
      [1000, 50, 0.03, 0.958],
    ] as const) {
      const cosines = await Promise.all(
        Array.from({ length: m > 100 ? 3 : 40 }, async (_, trial) => {
          const x = normals(d, `x ${trial}`);
          const dw = multiply(matrix(m, 1, normals(m, `u ${trial}`)), matrix(1, d, x));
          const e = normals(m * d, `e ${trial}`);
          const size = norm(dw.data);
          const noisy = matrix(
            m,
            d,
            dw.data.map((value, i) => value + z * size * e[i]!),
          );
          const { value } = await inputDirection(noisy);
          return Math.abs(innerProduct(value!, x)) / norm(x);
        }),
      );
      const mean = cosines.reduce((a, b) => a + b, 0) / cosines.length;
      expect(Math.abs(mean - predicted)).toBeLessThan(0.04);
    }
  });
});

describe("rankTest", () => {
  it("counts the distinct samples of drawn batches in either precision, always with db", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer(), fc.boolean(), async (batch, seed, float32) => {
        const { dw, db } = gradients(
          matrix(batch, 64, normals(batch * 64, seed)),
          matrix(batch, 40, normals(batch * 40, seed + 1)),
        );
        const keep = float32 ? rounded : (a: Float64Array): Float64Array => a;
        const found = await rankTest(matrix(64, 40, keep(dw.data)), keep(db), {
          precision: float32 ? "float32" : "float64",
        });
        expect(found.value?.rank, found.reason).toBe(batch);
      }),
      { numRuns: 30 },
    );
  });

  it("sees a second sample that is a multiple of the first only through db", async () => {
    const x = normals(10, 1);
    const both = matrix(2, 10, [...x, ...x.map((value) => 3 * value)]);
    const { dw, db } = gradients(matrix(2, 20, normals(40, 2)), both);
    expect((await rankTest(dw, undefined, { precision: "float64" })).value!.rank).toBe(1);
    expect((await rankTest(dw, db, { precision: "float64" })).value!.rank).toBe(2);
  });

  it("looks past its first guess, stops at its limit, and refuses what has no gap", async () => {
    const { dw, db } = gradients(matrix(20, 90, normals(1800, 3)), matrix(20, 80, normals(1600, 4)));
    expect((await rankTest(dw, db, { precision: "float64" })).value!.rank).toBe(20);
    expect((await rankTest(dw, db, { precision: "float64", limit: 16 })).reason).toMatch(/16 or more/);
    const slope = matrix(
      30,
      30,
      Array.from({ length: 900 }, (_, at) => (at % 31 === 0 ? 3 ** (-at / 31 - 0) : 0)),
    );
    const refused = await rankTest(slope, undefined, { precision: "float32" });
    expect(refused.value).toBeUndefined();
    expect(refused.reason).toMatch(/not clear/);
    expect((await rankTest(matrix(3, 3), [0, 0, 0], { precision: "float64" })).reason).toMatch(/zero/);
  });

  it("keeps what stands above known noise", async () => {
    const { dw, db } = gradients(matrix(3, 60, normals(180, 5)), matrix(3, 50, normals(150, 6)));
    const std = 0.05;
    const e = normals(60 * 51, 7);
    const noisy = matrix(
      60,
      50,
      dw.data.map((value, i) => value + std * e[i]!),
    );
    const noisyBias = db.map((value, i) => value + std * e[3000 + i]!);
    expect((await rankTest(noisy, noisyBias, { precision: "float32", noiseStd: std })).value!.rank).toBe(3);
  });
});

describe("labelCounts", () => {
  const drawn = (classes: number, batch: number, seed: number) => {
    const r = rng(seed);
    const labels = Array.from({ length: batch }, () => r.integer(classes));
    const softmax = labels.map(() => {
      const logits = Array.from({ length: classes }, () => Math.exp(2 * r.normal()));
      const total = logits.reduce((a, b) => a + b, 0);
      return logits.map((value) => value / total);
    });
    const counts = Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length);
    const meanSoftmax = counts.map((_, k) => softmax.reduce((s, p) => s + p[k]!, 0) / batch);
    return { counts, meanSoftmax, dc: meanSoftmax.map((p, k) => p - counts[k]! / batch) };
  };

  it("is exact when the mean softmax is known, and for one sample without it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer(),
        (classes, batch, seed) => {
          const { counts, meanSoftmax, dc } = drawn(classes, batch, seed);
          expect(Array.from(labelCounts(dc, { batchSize: batch, meanSoftmax }).value!)).toEqual(counts);
          const summed = dc.map((value) => value * batch);
          expect(Array.from(labelCounts(summed, { batchSize: batch, meanSoftmax, reduction: "sum" }).value!)).toEqual(
            counts,
          );
          const one = drawn(classes, 1, seed);
          expect(Array.from(labelCounts(one.dc, { batchSize: 1 }).value!)).toEqual(one.counts);
        },
      ),
    );
  });

  it("sums to the batch size even from a wrong softmax, and refuses one sample with two negative entries", () => {
    const { dc } = drawn(10, 8, 1);
    const guess = labelCounts(dc, { batchSize: 8 });
    expect(guess.value!.reduce((a, b) => a + b)).toBe(8);
    expect(guess.reason).toMatch(/guess/);
    expect(labelCounts([-0.2, -0.3, 0.5], { batchSize: 1 }).reason).toMatch(/here are 2/);
    expect(labelCounts([0.1], { batchSize: 0 }).value).toBeUndefined();
    expect(labelCounts([Number.NaN], { batchSize: 1 }).reason).toMatch(/not finite/);
  });
});

describe("squaredErrorTarget", () => {
  it("undoes db = (2 / T)(ŷ − y)", () => {
    expect(Array.from(squaredErrorTarget([1, 2, 3, 4], [0.5, 0, -1, 0.25]))).toEqual([0, 2, 5, 3.5]);
  });
});
