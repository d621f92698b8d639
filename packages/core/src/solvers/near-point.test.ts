import { expect, test } from "vitest";
import { nearPoint } from "./near-point.ts";
import type { Objective } from "./objective.ts";

const [n, curvatures] = [4, [1, 4, 25, 100]];
const target = [3, -1, 2, 0.5];

/** ½ Σ hᵢ (xᵢ − aᵢ)². */
const quadratic: Objective = async ({ input }) => {
  const gradient = Float64Array.from(curvatures, (h, i) => h * (input!.data[i]! - target[i]!));
  const value = gradient.reduce((sum, g, i) => sum + (0.5 * g * g) / curvatures[i]!, 0);
  return { value, gradient: { input: { shape: [n], data: gradient } } };
};
const zero = { shape: [n], data: new Float64Array(n) };
const forgetful = () => ({ s: [], y: [], rho: [] });

test("reaches (H + μ)⁻¹ (H a + μ v), also from a curvature that is said ten times too small", async () => {
  for (const curvature of [100, 10]) {
    const { x } = await nearPoint(quadratic, {
      ...{ centre: zero, start: zero, weight: 2, curvature, evaluations: 40, memory: forgetful() },
    });
    curvatures.forEach((h, i) => {
      expect(x.data[i]).toBeCloseTo((h * target[i]!) / (h + 2), 5);
    });
  }
});

test("what it learned at one weight serves at another: two more evaluations suffice", async () => {
  const memory = forgetful();
  const shared = { start: zero, curvature: 100, memory };
  await nearPoint(quadratic, { ...shared, centre: zero, weight: 2, evaluations: 30 });
  const centre = { shape: [n], data: Float64Array.of(1, 1, 1, 1) };
  const { x } = await nearPoint(quadratic, { ...shared, centre, weight: 50, evaluations: 3 });
  curvatures.forEach((h, i) => {
    expect(x.data[i]).toBeCloseTo((h * target[i]! + 50) / (h + 50), 2);
  });
});

test("an objective that is not finite at the start leaves the start and says so", async () => {
  const broken: Objective = async () => ({ value: Number.NaN, gradient: { input: zero } });
  const result = await nearPoint(broken, {
    ...{ centre: zero, start: zero, weight: 1, curvature: 1, evaluations: 9, memory: forgetful() },
  });
  expect(result).toMatchObject({ x: zero, value: Number.NaN, evaluations: 1 });
});
