import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { qr } from "../linear-algebra/qr.ts";
import { transposedMatrixVector } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import {
  type GeodesicProblem,
  type GeodesicResult,
  geodesicLevenbergMarquardt,
} from "./geodesic-levenberg-marquardt.ts";

/** A problem from residuals and their Jacobian, J [residuals, unknowns]. */
function problemOf(
  start: readonly number[],
  residuals: (x: Float64Array) => number[],
  jacobian: (x: Float64Array) => number[][],
  options: GeodesicProblem["options"] = {},
): GeodesicProblem {
  const residual = async (x: Float64Array): Promise<Float64Array> => Float64Array.from(residuals(x));
  return {
    start: Float64Array.from(start),
    residual,
    factorise: async (x) => {
      const rows = jacobian(x);
      const j: Matrix = matrix(rows.length, start.length, rows.flat());
      const { q, r } = qr(j);
      return { residual: await residual(x), factor: r, project: (v) => transposedMatrixVector(q, v) };
    },
    options,
  };
}

async function solve(problem: GeodesicProblem): Promise<GeodesicResult> {
  const run = geodesicLevenbergMarquardt(problem);
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

const exact = { promise: 1e-24, iterations: 200 };

describe("geodesicLevenbergMarquardt", () => {
  it("finds the minimum (1, 1) of Rosenbrock's valley, in fewer linearisations than its bends would ask for", async () => {
    const rosenbrock = problemOf(
      [-1.2, 1],
      ([a, b]) => [10 * (b! - a! * a!), 1 - a!],
      ([a]) => [
        [-20 * a!, 10],
        [-1, 0],
      ],
      exact,
    );
    const found = await solve(rosenbrock);
    expect(found.ended).toBe("stationary");
    expect(Math.abs(found.value[0]! - 1)).toBeLessThan(1e-10);
    expect(found.iterations).toBeLessThan(25);
  });

  it("separates two nearly equal decays, whose valley is long and curved", async () => {
    const random = rng("decays");
    for (let draw = 0; draw < 10; draw++) {
      const truth = [1 + random.uniform(), 0.3 + 0.5 * random.uniform()];
      const times = Array.from({ length: 20 }, (_, i) => 0.25 * (i + 1));
      const at = (x: ArrayLike<number>): number[] => times.map((t) => Math.exp(-x[0]! * t) + Math.exp(-x[1]! * t));
      const wanted = at(truth);
      const problem = problemOf(
        [2.5, 0.1],
        (x) => at(x).map((value, i) => value - wanted[i]!),
        (x) => times.map((t) => [-t * Math.exp(-x[0]! * t), -t * Math.exp(-x[1]! * t)]),
        exact,
      );
      const { value } = await solve(problem);
      const sorted = Array.from(value).sort((a, b) => b - a);
      truth
        .sort((a, b) => b - a)
        .forEach((rate, i) => {
          expect(Math.abs(sorted[i]! - rate)).toBeLessThan(1e-6);
        });
    }
  });

  it("leaves alone what nothing depends on, and stops at once where it stands at the minimum", async () => {
    const flat = problemOf(
      [3, 7],
      ([a]) => [a! - 1, 0],
      () => [
        [1, 0],
        [0, 0],
      ],
      exact,
    );
    const found = await solve(flat);
    expect(found.value[0]).toBeCloseTo(1, 10);
    expect(found.value[1]).toBe(7);
    const there = await solve({ ...flat, start: Float64Array.of(1, 7) });
    expect(there.iterations).toBe(1);
    expect(there.ended).toBe("stationary");
  });

  it("refuses steps into what is not finite, and says that it stalled where no step helps", async () => {
    const edge = problemOf(
      [0.1],
      ([a]) => [Math.log(a!) + 3],
      ([a]) => [[1 / a!]],
      exact,
    );
    expect((await solve(edge)).value[0]).toBeCloseTo(Math.exp(-3), 8);
    const wrong = problemOf(
      [0],
      ([a]) => [1 + a!, 1 - a!],
      () => [[-1], [-3]],
      exact,
    );
    const found = await solve(wrong);
    expect(found.ended).toBe("stalled");
    expect(found.cost).toBeLessThanOrEqual(1);
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    stop.abort();
    const problem = problemOf(
      [1],
      ([a]) => [a!],
      () => [[1]],
    );
    expect((await solve({ ...problem, signal: stop.signal })).ended).toBe("aborted");
  });
});
