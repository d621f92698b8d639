import type { StructurePrior } from "../problem.ts";
import { type StructurePriorLawOptions, structurePriorLaws } from "./laws/structure-prior.ts";
import { register } from "./register.ts";

/** Registers the laws of priors over structures as tests: draws, alternatives, their probabilities, determinism. */
export function testStructurePrior(make: () => StructurePrior, options: StructurePriorLawOptions): void {
  register(`laws of the prior ${make().name}`, structurePriorLaws, make, options);
}
