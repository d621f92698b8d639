import type { BenchCase } from "@recon/bench";
import { dagerCases } from "./dager.ts";
import { lampCases } from "./lamp.ts";
import { poolerCases } from "./pooler.ts";
import { trigramCases } from "./trigram.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [...dagerCases, ...lampCases, ...poolerCases, ...trigramCases];
