import { expectCaught } from "../mutants/expect-caught.ts";
import { signsPrior, structurePriorMutants } from "../mutants/structure-prior.ts";
import { referenceDomain } from "../planted-case.ts";
import { testStructurePrior } from "../test-structure-prior.ts";
import { structurePriorLaws } from "./structure-prior.ts";

const options = { domain: referenceDomain([7]), shape: [7] };

testStructurePrior(signsPrior, options);
expectCaught(structurePriorLaws, structurePriorMutants, options);
