import type { NdArray } from "@recon/engine";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { imageDomain } from "./domain.ts";
import { heatColour } from "./render/colour-map.ts";
import { amplification } from "./render/render-item.ts";

const seed = 20261122;
const constantImage = (value: number, shape: readonly number[]): NdArray => ({
  shape,
  data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

describe("units", () => {
  test("the box is black to white in normalised units", () => {
    const domain = imageDomain();
    expect(Array.from(domain.lower.data)).toEqual([-0.4915 / 0.247, -0.4823 / 0.2435, -0.4468 / 0.2616]);
    expect(Array.from(domain.upper.data)).toEqual([(1 - 0.4915) / 0.247, (1 - 0.4823) / 0.2435, (1 - 0.4468) / 0.2616]);
    expect(domain.lower.shape).toEqual([3, 1, 1]);
    const grey = imageDomain({ channels: 1, height: 28, width: 28 });
    expect(grey.lower.data[0]).toBeCloseTo(-0.4242129, 6);
    expect(grey.upper.data[0]).toBeCloseTo(2.8214865, 6);
  });
  test("normalise and pixels are inverse up to float32", () => {
    const domain = imageDomain({ channels: 2, height: 3, width: 4, mean: [0.1, 0.7], std: [0.5, 0.2] });
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }), (pixels) => {
        const back = domain.pixels(domain.normalise(pixels));
        pixels.forEach((pixel, i) => {
          expect(back[i]).toBeCloseTo(pixel, 6);
        });
      }),
      { seed },
    );
    expect(domain.normalise(new Float64Array(24).fill(0.6)).data[23]).toBeCloseTo(-0.5, 6);
    expect(domain.normalise(new Float64Array(24)).data).toBeInstanceOf(Float32Array);
  });
  test("the blind guess is the mean image", () => {
    const domain = imageDomain();
    expect(domain.pixels(domain.blind([3, 32, 32]))[0]).toBe(0.4915);
  });
});

describe("metrics", () => {
  test("are on [0, 1] images, not on normalised ones", () => {
    const domain = imageDomain({ channels: 1, height: 12, width: 12, mean: [0.5], std: [0.25] });
    const [psnr, ssim] = domain.metrics;
    // .4 normalised is .1 in pixels.
    expect(psnr!.score(constantImage(0.4, [1, 12, 12]), constantImage(0, [1, 12, 12]))).toBeCloseTo(20, 9);
    expect(psnr!.name).toBe("psnr_db");
    expect(ssim!.score(constantImage(0, [1, 12, 12]), constantImage(0, [1, 12, 12]))).toBeCloseTo(1, 12);
    expect(() => psnr!.score(constantImage(0, [1, 3, 3]), constantImage(0, [1, 12, 12]))).toThrow(
      expect.objectContaining({ code: "shape" }),
    );
  });
});

describe("pictures", () => {
  const domain = imageDomain({ channels: 3, height: 4, width: 8, mean: [0, 0, 0], std: [1, 1, 1] });
  const truth = constantImage(0.5, [3, 4, 8]);
  const estimate: NdArray = { shape: [3, 4, 8], data: Float64Array.from(truth.data) };
  for (let c = 0; c < 3; c++) estimate.data[c * 32 + 9] = 0.503;

  test("truth, reconstruction, error map and blind guess, enlarged without smoothing", async () => {
    const pictures = await domain.render({ truth, estimate, floor: domain.blind([3, 4, 8]) });
    expect(pictures.map((picture) => picture.title)).toEqual(["truth", "reconstruction", "error", "blind guess"]);
    expect(pictures[2]!.caption).toContain("amplified 100 times");
    for (const picture of pictures) {
      const { data, info } = await sharp("png" in picture ? picture.png : new Uint8Array())
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([256, 128]);
      if (picture.title === "truth") expect(new Set(data)).toEqual(new Set([128]));
      if (picture.title === "error") {
        const at = (x: number, y: number): number[] => [...data.subarray((y * 256 + x) * 3, (y * 256 + x) * 3 + 3)];
        // Position 9 is row 1, column 1: .003 · 100 = .3 on the scale, black elsewhere.
        expect(at(32, 32)).toEqual(heatColour(0.3));
        expect(at(63, 63)).toEqual(heatColour(0.3));
        expect(at(64, 63)).toEqual([0, 0, 4]);
      }
    }
  });
  test("without a truth there is only the reconstruction, and equal input gives equal bytes", async () => {
    const [first, second] = [await domain.render({ estimate }), await domain.render({ estimate })];
    expect(first.map((picture) => picture.title)).toEqual(["reconstruction"]);
    expect(first).toEqual(second);
  });
  test("a perfect and a broken estimate can be shown too", async () => {
    const same = await domain.render({ truth, estimate: truth });
    expect(same[2]!.caption).toContain("No difference");
    expect(same[1]!.caption).toContain("≥ 100 dB");
    const broken = await domain.render({ truth, estimate: constantImage(Number.NaN, [3, 4, 8]) });
    expect(broken[2]!.caption).toContain("not numbers");
  });
  test.each([
    [0.003, 100],
    [0.05, 20],
    [0.5, 2],
    [1, 1],
    [3, 1],
    [0, 1],
    [2e-7, 100],
  ])("an error of %f is amplified %f times", (largest, factor) => {
    expect(amplification(largest)).toBeCloseTo(factor, 6);
  });
});

test.each([
  [{ channel: 3 }, 'no option "channel"'],
  [{ channels: 0 }, '"channels"'],
  [{ mean: [0.5] }, '"mean" must be a list of 3'],
  [{ std: [0, 1, 1] }, '"std"'],
])("bad options %j are named", (options, message) => {
  expect(() => imageDomain(options as object)).toThrow(
    expect.objectContaining({ code: "bad-option", message: expect.stringContaining(message) }),
  );
});
