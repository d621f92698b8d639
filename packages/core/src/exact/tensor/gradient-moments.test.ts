import { expect, test } from "vitest";
import { matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { rng } from "../../random.ts";
import { gradientMoments } from "./gradient-moments.ts";
import { outputMoments } from "./tensor-start.ts";

const n = 2;
const m = 400_000;
const random = rng("moments");
const weights = matrix(
  m,
  n,
  Float64Array.from({ length: m * n }, () => random.normal()),
);
const each = (f: (u: Float64Array) => number): Float64Array =>
  Float64Array.from({ length: m }, (_, j) => f(weights.data.subarray(j * n, (j + 1) * n)) / m);
const uniform = matrix(1, m, new Float64Array(m).fill(1));

test("E He₃ = 0 and E w₀³ He₃ = 6 e₀⊗e₀⊗e₀: three times the weight leaves the diagonal", () => {
  const zero = outputMoments(
    each(() => 1),
    weights,
  ).data;
  for (const value of zero) expect(Math.abs(value)).toBeLessThan(0.05);
  const cube = outputMoments(
    each((u) => u[0]! ** 3),
    weights,
  ).data;
  for (const [at, value] of cube.entries()) expect(Math.abs(value - (at === 0 ? 6 : 0))).toBeLessThan(0.25);
});

test("a gradient ∇(c · u)^p gives p! c^⊗p by order, symmetric and scaled by √(p − 1)!", async () => {
  const c = [0.6, -0.8];
  for (const order of [3, 4] as const) {
    // s′ = p tᵖ⁻¹, so E s⁽ᵖ⁾ = p!; of order 4, slice d is c_d times the cube.
    const errors = each((u) => order * (c[0]! * u[0]! + c[1]! * u[1]!) ** (order - 1));
    const gradient = matrix(
      m,
      n,
      Float64Array.from({ length: m * n }, (_, at) => errors[Math.floor(at / n)]! * c[at % n]!),
    );
    const { data, count } = await gradientMoments(gradient, weights, uniform, order, plainProduct);
    expect(count).toBe(order === 3 ? 1 : n);
    const size = order === 3 ? 6 / Math.SQRT2 : 24 / Math.sqrt(6);
    data.forEach((value, at) => {
      const index = [at % n, Math.floor(at / n) % n, Math.floor(at / n ** 2) % n, Math.floor(at / n ** 3)].slice(
        0,
        order,
      );
      const expected = index.reduce((product, i) => product * c[i]!, size);
      expect(Math.abs(value - expected)).toBeLessThan(0.1 * size);
    });
  }
});
