import type { BenchCase } from "@recon/bench";
import { headCases } from "./head.ts";
import { noiseCases } from "./noise.ts";
import { rankCases } from "./rank.ts";
import { recursionCases } from "./recursion.ts";
import { spearCases } from "./spear.ts";
import { tensorCases } from "./tensor.ts";
import { visibleCases } from "./visible.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [
  ...headCases,
  ...noiseCases,
  ...rankCases,
  ...recursionCases,
  ...spearCases,
  ...tensorCases,
  ...visibleCases,
];
