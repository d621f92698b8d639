import { expectCaught } from "../mutants/expect-caught.ts";
import { solverMutants } from "../mutants/solver.ts";
import { solverLaws } from "./solver.ts";

expectCaught(solverLaws, solverMutants, { evaluations: 150, tolerance: 1e-8 });
