import { describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { vector, vectorObjective } from "../testing/minima.ts";
import { testSolver } from "../testing/test-solver.ts";
import { lbfgs } from "./lbfgs.ts";
import { finish } from "./solver.ts";

testSolver(() => lbfgs(), { evaluations: 150, tolerance: 1e-20 });
testSolver(() => lbfgs({ history: 1 }), {
  evaluations: 150,
  tolerance: 1e-20,
  unsolved: ["quadratic of condition 1e4"],
});
testSolver(() => lbfgs({ box: { x: { lower: -10, upper: 10 } } }), {
  evaluations: 150,
  tolerance: 1e-20,
  bounded: true,
});

describe("lbfgs", () => {
  it("holds variables at their bounds: min (a − 3)² + (b + 1)² over [0, 2]² is at (2, 0)", async () => {
    const objective = vectorObjective((x) => ({
      value: (x[0]! - 3) ** 2 + (x[1]! + 1) ** 2,
      gradient: [2 * (x[0]! - 3), 2 * (x[1]! + 1)],
    }));
    const solver = lbfgs({ box: { x: { lower: 0, upper: 2 } } });
    const result = await finish(solver.minimise({ objective, start: { x: vector([1, 1]) }, evaluations: 50 }));
    expect(Array.from(result.x.x!.data)).toEqual([2, 0]);
    expect(result.value).toBe(2);
    expect(result.outcome).toBe("converged");
  });

  it("solves a coupled problem whose minimum lies on the boundary", async () => {
    // ½ xᵀAx − bᵀx, A = [[2, 1], [1, 2]], b = (1, 4): free minimum (−2/3, 7/3); with a ≥ 0 it is (0, 2).
    const objective = vectorObjective((x) => ({
      value: x[0]! ** 2 + x[0]! * x[1]! + x[1]! ** 2 - x[0]! - 4 * x[1]!,
      gradient: [2 * x[0]! + x[1]! - 1, x[0]! + 2 * x[1]! - 4],
    }));
    const solver = lbfgs({ box: { x: { lower: 0, upper: 10 } } });
    const result = await finish(solver.minimise({ objective, start: { x: vector([5, 5]) }, evaluations: 100 }));
    expect(result.x.x!.data[0]).toBe(0);
    expect(result.x.x!.data[1]).toBeCloseTo(2, 7);
  });

  it("says that an objective falls without bound", async () => {
    const objective = vectorObjective((x) => ({ value: -x[0]!, gradient: [-1] }));
    const result = await finish(lbfgs().minimise({ objective, start: { x: vector([0]) }, evaluations: 200 }));
    expect(result.outcome).toBe("diverged");
    expect(result.reason).toMatch(/without bound/);
  });

  it("says that it stalled where the gradient lies", async () => {
    const objective = vectorObjective((x) => ({ value: x[0]! ** 2, gradient: [-2 * x[0]! - 1] }));
    const result = await finish(lbfgs().minimise({ objective, start: { x: vector([1]) }, evaluations: 500 }));
    expect(result.outcome).toBe("stalled");
  });

  it("steps over a wall where the objective is not finite", async () => {
    const objective = vectorObjective((x) => ({ value: x[0]! - Math.log(x[0]!), gradient: [1 - 1 / x[0]!] }));
    const result = await finish(lbfgs().minimise({ objective, start: { x: vector([30]) }, evaluations: 100 }));
    expect(result.value).toBeCloseTo(1, 12);
    expect(result.outcome === "converged" || result.outcome === "stalled").toBe(true);
  });

  it("a step costs little beyond the objective at 3072 unknowns", async () => {
    const size = 3072;
    const draw = rng(4);
    const curvature = Float64Array.from({ length: size }, () => 1 + 100 * draw.uniform());
    const objective = vectorObjective((x) => {
      let value = 0;
      const gradient = new Float64Array(size);
      for (let i = 0; i < size; i++) {
        gradient[i] = curvature[i]! * (x[i]! - 1);
        value += 0.5 * gradient[i]! * (x[i]! - 1);
      }
      return { value, gradient };
    });
    const problem = { objective, start: { x: vector(new Float64Array(size)) }, evaluations: 400 };
    let result = await finish(lbfgs({ history: 10 }).minimise(problem));
    // Processor time, since other work on the machine is not the solver's.
    const begun = process.cpuUsage();
    let evaluations = 0;
    for (let run = 0; run < 10; run++) {
      result = await finish(lbfgs({ history: 10 }).minimise(problem));
      evaluations += result.evaluations;
    }
    const { user, system } = process.cpuUsage(begun);
    const perEvaluation = (user + system) / 1000 / evaluations;
    expect(result.value).toBeLessThan(1e-16);
    expect(perEvaluation, "ms per evaluation").toBeLessThan(3);
  });
});
