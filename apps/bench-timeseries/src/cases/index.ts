import type { BenchCase } from "@recon/bench";
import { feedForwardCases } from "./feed-forward.ts";
import { priorEffectCases } from "./prior-effect.ts";
import { recurrentCases } from "./recurrent.ts";

/** Every case, in the order in which they run. */
export const cases: readonly BenchCase[] = [...feedForwardCases, ...recurrentCases, ...priorEffectCases];
