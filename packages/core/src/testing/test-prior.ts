import type { Prior } from "../problem.ts";
import { priorLaws } from "./laws/prior.ts";
import type { PriorLawOptions } from "./laws/prior-law.ts";
import { register } from "./register.ts";

/** Registers the laws of priors as tests: scalar energy, derivatives, zero weight, a guess without an observation, determinism, scores. */
export function testPrior(make: () => Prior, options: PriorLawOptions): void {
  register(`laws of the prior ${make().name}`, priorLaws, make, options);
}
