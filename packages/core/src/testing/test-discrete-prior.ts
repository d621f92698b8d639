import type { DiscretePrior } from "../problem.ts";
import { type DiscretePriorLawOptions, discretePriorLaws } from "./laws/discrete-prior.ts";
import { register } from "./register.ts";

/** Registers the laws of priors over symbols as tests: probabilities, the chain rule, local changes, draws, determinism. */
export function testDiscretePrior(make: () => DiscretePrior, options: DiscretePriorLawOptions): void {
  register(`laws of the prior ${make().name}`, discretePriorLaws, make, options);
}
