import type { BenchCase } from "@recon/bench";
import { noiseCases } from "./noise.ts";
import { onePhotographCases } from "./one-photograph.ts";
import { priorNoiseCases } from "./prior-noise.ts";
import { trainedWeightsCases } from "./trained-weights.ts";
import { updateCases } from "./update.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [
  ...onePhotographCases,
  ...noiseCases,
  ...priorNoiseCases,
  ...trainedWeightsCases,
  ...updateCases,
];
