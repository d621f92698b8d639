import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { psnr } from "./psnr.ts";
import { ssim } from "./ssim.ts";

const seed = 20261122;
const values = (length: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: length, maxLength: length })
    .map(Float64Array.from.bind(Float64Array));

describe("psnr", () => {
  test("an error of .1 everywhere is 20 dB, half the values wrong by 1 is 3.0103 dB", () => {
    expect(psnr(new Float64Array(12).fill(0.6), new Float64Array(12).fill(0.5))).toBeCloseTo(20, 10);
    expect(psnr(Float64Array.of(1, 0, 1, 0), new Float64Array(4))).toBeCloseTo(3.010299956639812, 12);
  });
  test("is 320 dB for equal images and is not clipped", () => {
    expect(psnr(Float64Array.of(0.3), Float64Array.of(0.3))).toBeCloseTo(320, 10);
    // 2 instead of 1 counts in full although no screen could show it.
    expect(psnr(Float64Array.of(2), Float64Array.of(1))).toBeCloseTo(0, 12);
  });
  test("stays a number when the estimate is not", () => {
    expect(psnr(Float64Array.of(Number.NaN), Float64Array.of(1))).toBeLessThan(-3000);
    expect(Number.isFinite(psnr(Float64Array.of(Number.POSITIVE_INFINITY), Float64Array.of(1)))).toBe(true);
  });
});

/** The definition without separable filters: one window position after the other. */
function slowSsim(a: Float64Array, b: Float64Array, [channels, height, width]: [number, number, number]): number {
  const [wh, ww] = [Math.min(11, height), Math.min(11, width)];
  const weight = (y: number, x: number): number =>
    Math.exp(-((y - (wh - 1) / 2) ** 2 + (x - (ww - 1) / 2) ** 2) / (2 * 1.5 ** 2));
  const scores: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let top = 0; top + wh <= height; top++) {
      for (let left = 0; left + ww <= width; left++) {
        let [total, ma, mb] = [0, 0, 0];
        const each = (f: (w: number, a: number, b: number) => void): void => {
          for (let y = 0; y < wh; y++) {
            for (let x = 0; x < ww; x++) {
              const at = (c * height + top + y) * width + left + x;
              f(weight(y, x), a[at]!, b[at]!);
            }
          }
        };
        each((w, va, vb) => {
          total += w;
          ma += w * va;
          mb += w * vb;
        });
        ma /= total;
        mb /= total;
        let [saa, sbb, sab] = [0, 0, 0];
        each((w, va, vb) => {
          saa += (w / total) * (va - ma) ** 2;
          sbb += (w / total) * (vb - mb) ** 2;
          sab += (w / total) * (va - ma) * (vb - mb);
        });
        scores.push(((2 * ma * mb + 1e-4) * (2 * sab + 9e-4)) / ((ma ** 2 + mb ** 2 + 1e-4) * (saa + sbb + 9e-4)));
      }
    }
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

describe("ssim", () => {
  test("of two constant images is the luminance term alone", () => {
    // (2 · .2 · .8 + 1e-4) / (.04 + .64 + 1e-4)
    const [a, b] = [new Float64Array(144).fill(0.2), new Float64Array(144).fill(0.8)];
    expect(ssim(a, b, [1, 12, 12])).toBeCloseTo(0.3201 / 0.6801, 9);
  });
  test.each([[[2, 14, 12]], [[1, 11, 11]], [[3, 5, 8]], [[1, 1, 20]]] as [[number, number, number]][])(
    "agrees with the definition for %j",
    (shape) => {
      const size = shape[0] * shape[1] * shape[2];
      fc.assert(
        fc.property(values(size), values(size), (a, b) => {
          expect(ssim(a, b, shape)).toBeCloseTo(slowSsim(a, b, shape), 9);
        }),
        { seed, numRuns: 5 },
      );
    },
  );
  test("is 1 for equal images, symmetric, and at most 1", () => {
    fc.assert(
      fc.property(values(169), values(169), (a, b) => {
        expect(ssim(a, a, [1, 13, 13])).toBeCloseTo(1, 9);
        expect(ssim(a, b, [1, 13, 13])).toBeCloseTo(ssim(b, a, [1, 13, 13]), 12);
        expect(ssim(a, b, [1, 13, 13])).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { seed, numRuns: 20 },
    );
  });
  test("an estimate that is not finite scores −1", () => {
    const truth = new Float64Array(144).fill(0.5);
    expect(
      ssim(
        truth.map(() => Number.NaN),
        truth,
        [1, 12, 12],
      ),
    ).toBe(-1);
  });
});
