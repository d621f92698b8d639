import { describe, expect, test } from "vitest";
import { matrix } from "../linear-algebra/matrix.ts";
import { multiply } from "../linear-algebra/multiply.ts";
import { matrixVector } from "../linear-algebra/vector.ts";
import { rng } from "../random.ts";
import { conjugateGradients } from "./conjugate-gradients.ts";

describe("conjugateGradients", () => {
  const n = 12;
  const random = rng("conjugate gradients");
  const root = matrix(
    n,
    n,
    Array.from({ length: n * n }, () => random.normal()),
  );
  const a = multiply(root, root, { transposeA: true });
  for (let i = 0; i < n; i++) a.data[i * n + i]! += 1;
  const truth = Float64Array.from({ length: n }, () => random.normal());
  const b = matrixVector(a, truth);
  const product = async (v: Float64Array) => matrixVector(a, v);

  test("solves as many equations in about as many products", async () => {
    const { x, iterations } = await conjugateGradients(product, b, { iterations: 3 * n, tolerance: 1e-10 });
    expect(iterations).toBeLessThanOrEqual(2 * n);
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(truth[i]!, 7);
  });

  test("points downhill when it is stopped early", async () => {
    const { x, iterations } = await conjugateGradients(product, b, { iterations: 2, tolerance: 0 });
    expect(iterations).toBe(2);
    expect(x.reduce((sum, value, i) => sum + value * b[i]!, 0)).toBeGreaterThan(0);
  });

  test("stays where there is nothing to solve, and stops at negative curvature", async () => {
    const still = await conjugateGradients(product, new Float64Array(n), { iterations: 5, tolerance: 1e-3 });
    expect(still).toEqual({ x: new Float64Array(n), iterations: 0 });
    const turned = async (v: Float64Array) => v.map((value) => -value);
    const { x } = await conjugateGradients(turned, b, { iterations: 5, tolerance: 1e-3 });
    expect(x).toEqual(new Float64Array(n));
  });
});
