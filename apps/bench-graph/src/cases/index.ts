import type { BenchCase } from "@recon/bench";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [];
