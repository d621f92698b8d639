import type { BenchCase } from "@recon/bench";
import { ablationCases } from "./defence-ablation.ts";
import { defenceCases } from "./defences.ts";
import { headCases } from "./head.ts";
import { noiseCases } from "./noise.ts";
import { pruningCases } from "./pruning-verdict.ts";
import { rankCases } from "./rank.ts";
import { recursionCases } from "./recursion.ts";
import { spearCases } from "./spear.ts";
import { tensorCases } from "./tensor.ts";
import { visibleCases } from "./visible.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [
  ...headCases,
  ...noiseCases,
  ...defenceCases,
  ...pruningCases,
  ...ablationCases,
  ...rankCases,
  ...recursionCases,
  ...spearCases,
  ...tensorCases,
  ...visibleCases,
];
