import type { BenchCase } from "@recon/bench";
import { accountantCases } from "./accountant.ts";
import { calibrationCases } from "./calibration.ts";
import { mapGainCases } from "./map-gain.ts";
import { noiseCurveCases } from "./noise-curve.ts";

/** What is left behind noise: errors against bounds, the gain of a likelihood and a prior, intervals, and the accountant. */
export const noiseCases: readonly BenchCase[] = [
  ...noiseCurveCases,
  ...mapGainCases,
  ...calibrationCases,
  ...accountantCases,
];
