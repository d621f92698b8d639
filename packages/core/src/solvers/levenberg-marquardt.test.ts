import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { rng } from "../random.ts";
import { type LevenbergMarquardtProblem, levenbergMarquardt } from "./levenberg-marquardt.ts";

/** A problem from residuals and their Jacobian, J [residuals, unknowns]. */
function problemOf(
  start: readonly number[],
  residuals: (x: Float64Array) => number[],
  jacobian: (x: Float64Array) => number[][],
): LevenbergMarquardtProblem {
  const cost = (x: Float64Array): number => residuals(x).reduce((sum, r) => sum + r * r, 0);
  return {
    start: Float64Array.from(start),
    cost,
    linearise: (x) => {
      const rows = jacobian(x);
      const j: Matrix = matrix(rows.length, start.length, rows.flat());
      const r = matrix(rows.length, 1, residuals(x));
      return {
        cost: cost(x),
        normal: multiply(j, j, { transposeA: true }),
        gradient: multiply(j, r, { transposeA: true }).data,
      };
    },
  };
}

const rosenbrock = problemOf(
  [-1.2, 1],
  ([a, b]) => [10 * (b! - a! * a!), 1 - a!],
  ([a]) => [
    [-20 * a!, 10],
    [-1, 0],
  ],
);

/** Powell's singular function: the Jacobian loses rank at the minimum, x = 0. */
const powell = problemOf(
  [3, -1, 0, 1],
  ([a, b, c, d]) => [a! + 10 * b!, Math.sqrt(5) * (c! - d!), (b! - 2 * c!) ** 2, Math.sqrt(10) * (a! - d!) ** 2],
  ([a, b, c, d]) => [
    [1, 10, 0, 0],
    [0, 0, Math.sqrt(5), -Math.sqrt(5)],
    [0, 2 * (b! - 2 * c!), -4 * (b! - 2 * c!), 0],
    [2 * Math.sqrt(10) * (a! - d!), 0, 0, -2 * Math.sqrt(10) * (a! - d!)],
  ],
);

describe("levenbergMarquardt", () => {
  it("finds the minimum (1, 1) of Rosenbrock's valley", async () => {
    const found = await levenbergMarquardt({ ...rosenbrock, options: { tolerance: 1e-26 } });
    expect(found.ended).toBe("converged");
    expect(Math.abs(found.value[0]! - 1)).toBeLessThan(1e-12);
    expect(Math.abs(found.value[1]! - 1)).toBeLessThan(1e-12);
  });

  it("goes to Powell's singular minimum, where the Jacobian has no full rank", async () => {
    const found = await levenbergMarquardt({ ...powell, options: { tolerance: 1e-30 } });
    expect(found.cost).toBeLessThan(1e-20);
    for (const entry of found.value) expect(Math.abs(entry)).toBeLessThan(1e-4);
  });

  it("stops at the least-squares compromise of two equations that contradict each other", async () => {
    // r = (x − 1, x − 3): least at x = 2 with cost 2, whatever the start.
    const found = await levenbergMarquardt(
      problemOf(
        [50],
        ([x]) => [x! - 1, x! - 3],
        () => [[1], [1]],
      ),
    );
    expect(found.ended).toBe("stalled");
    expect(found.value[0]).toBeCloseTo(2, 7);
    expect(found.cost).toBeCloseTo(2, 12);
  });

  it("does not care about the units of an unknown", async () => {
    const scaled = problemOf(
      [-1.2e-9, 1e6],
      ([a, b]) => [10 * (b! / 1e6 - (a! * 1e9) ** 2), 1 - a! * 1e9],
      ([a]) => [
        [-20 * a! * 1e18, 1e-5],
        [-1e9, 0],
      ],
    );
    const [plain, other] = await Promise.all([
      levenbergMarquardt({ ...rosenbrock, options: { tolerance: 1e-26 } }),
      levenbergMarquardt({ ...scaled, options: { tolerance: 1e-26 } }),
    ]);
    expect(other.iterations).toBe(plain.iterations);
    expect(other.value[0]! * 1e9).toBeCloseTo(plain.value[0]!, 9);
  });

  it("solves a linear problem of more unknowns than one panel of the factorisation", async () => {
    const r = rng("linear problem");
    const n = 230;
    const a = matrix(
      2 * n,
      n,
      Float64Array.from({ length: 2 * n * n }, () => r.normal()),
    );
    const truth = Float64Array.from({ length: n }, () => r.normal());
    const b = multiply(a, matrix(n, 1, truth)).data;
    const normal = multiply(a, a, { transposeA: true });
    const residual = (x: Float64Array): Float64Array => multiply(a, matrix(n, 1, x)).data.map((v, i) => v - b[i]!);
    const cost = (x: Float64Array): number => residual(x).reduce((sum, v) => sum + v * v, 0);
    const found = await levenbergMarquardt({
      start: new Float64Array(n),
      cost,
      linearise: (x) => ({
        cost: cost(x),
        normal: matrix(n, n, Float64Array.from(normal.data)),
        gradient: multiply(a, matrix(2 * n, 1, residual(x)), { transposeA: true }).data,
      }),
      options: { tolerance: 1e-20 },
    });
    expect(found.ended).toBe("converged");
    expect(Math.max(...found.value.map((v, i) => Math.abs(v - truth[i]!)))).toBeLessThan(1e-10);
  });

  it("holds an unknown that nothing depends on, and refuses steps into what is not finite", async () => {
    const found = await levenbergMarquardt({
      ...problemOf(
        [4, 7],
        ([x]) => [Math.log(x!)],
        ([x]) => [[1 / x!, 0]],
      ),
      options: { tolerance: 1e-28 },
    });
    expect(found.value[0]).toBeCloseTo(1, 12);
    expect(found.value[1]).toBe(7);
  });

  it("ends when its iterations are spent, and at once when aborted", async () => {
    const short = await levenbergMarquardt({ ...rosenbrock, options: { iterations: 2 } });
    expect(short).toMatchObject({ ended: "iterations spent", iterations: 2 });
    const aborted = await levenbergMarquardt({ ...rosenbrock, signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ ended: "aborted", iterations: 0, value: rosenbrock.start });
  });

  it("says so when the pieces do not fit", async () => {
    const wrong = {
      ...rosenbrock,
      linearise: () => ({ cost: 1, normal: matrix(3, 3), gradient: new Float64Array(2) }),
    };
    await expect(levenbergMarquardt(wrong)).rejects.toThrow(/2 unknowns/);
  });
});
