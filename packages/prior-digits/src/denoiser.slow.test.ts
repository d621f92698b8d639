import { testPrior } from "@recon/core/testing";
import { expect, test } from "vitest";
import { digitsDenoiser } from "./denoiser.ts";

// A unit of the network may have its kink within a finite difference.
testPrior(() => digitsDenoiser(), { shape: [2, 1, 8, 8], runs: 1, tolerance: 1e-4 });

test("guesses the mean digit: dark at the border, bright in the middle", () => {
  const { data } = digitsDenoiser({ mean: [0], std: [1] }).blind!([1, 1, 28, 28], undefined as never);
  expect(Math.max(...data.slice(0, 28))).toBeLessThan(0.01);
  expect(data[14 * 28 + 14]!).toBeGreaterThan(0.4);
});

test("what does not fit is said", () => {
  expect(() => digitsDenoiser({ men: [0] } as object)).toThrow('no option "men"');
  expect(() => digitsDenoiser({ mean: [0.1, 0.2, 0.3] })).toThrow(/one of 1 channels; it was given 3 means and 1/);
});
