import type { BenchCase } from "@recon/bench";
import { edgeCases } from "./edges.ts";
import { exactGraphCases } from "./exact.ts";
import { knownAdjacencyCases } from "./known-adjacency.ts";
import { priorEffectCases } from "./prior-effect.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [
  ...exactGraphCases,
  ...knownAdjacencyCases,
  ...edgeCases,
  ...priorEffectCases,
];
