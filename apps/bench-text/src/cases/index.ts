import type { BenchCase } from "@recon/bench";
import { trigramCases } from "./trigram.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [...trigramCases];
