import type { Prior } from "../problem.ts";
import { type PriorLawOptions, priorLaws } from "./laws/prior.ts";
import { register } from "./register.ts";

/** Registers the laws of priors as tests: scalar energy, derivatives, zero weight, blind guess, determinism. */
export function testPrior(make: () => Prior, options: PriorLawOptions): void {
  register(`laws of the prior ${make().name}`, priorLaws, make, options);
}
