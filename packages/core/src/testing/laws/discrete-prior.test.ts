import { chainPrior, discretePriorMutants } from "../mutants/discrete-prior.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { referenceDomain } from "../planted-case.ts";
import { testDiscretePrior } from "../test-discrete-prior.ts";
import { discretePriorLaws } from "./discrete-prior.ts";

const domain = referenceDomain([7]);

testDiscretePrior(chainPrior, { domain });
expectCaught(discretePriorLaws, discretePriorMutants, { domain });
