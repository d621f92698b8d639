import type { Solver } from "../solvers/solver.ts";
import { type SolverLawOptions, solverLaws } from "./laws/solver.ts";
import { register } from "./register.ts";

/** Registers the laws of solvers as tests: known minima, honest outcomes, resuming, abort, budget, determinism. */
export function testSolver(make: () => Solver, options: SolverLawOptions): void {
  register(`laws of the solver ${make().name}`, solverLaws, make, options);
}
