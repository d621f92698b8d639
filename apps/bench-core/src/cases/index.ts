import type { BenchCase } from "@recon/bench";
import { tensorCases } from "./tensor.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [...tensorCases];
