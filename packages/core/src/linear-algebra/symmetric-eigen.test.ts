import { describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { matrix } from "./matrix.ts";
import { multiply } from "./multiply.ts";
import { qr } from "./qr.ts";
import { eigenWorkspace, lowestEigenvector } from "./symmetric-eigen.ts";
import { innerProduct } from "./vector.ts";

const n = 12;
const random = rng("symmetric eigen");
const { q: vectors } = qr(
  matrix(
    n,
    n,
    Float64Array.from({ length: n * n }, () => random.normal()),
  ),
);
const column = (k: number): Float64Array => Float64Array.from({ length: n }, (_, i) => vectors.data[i * n + k]!);

/** Lower triangle of Σ λₖ vₖ vₖᵀ. */
function lowerOf(values: readonly number[]): Float64Array {
  const scaled = matrix(
    n,
    n,
    vectors.data.map((value, at) => value * values[at % n]!),
  );
  const full = multiply(scaled, vectors, { transposeB: true });
  return Float64Array.from(
    Array.from({ length: n }, (_, i) => Array.from(full.data.subarray(i * n, i * n + i + 1))).flat(),
  );
}

const start = (): Float64Array => new Float64Array(n).fill(1 / Math.sqrt(n));

describe("lowestEigenvector", () => {
  it("finds the vector of the smallest eigenvalue, zero or not", () => {
    for (const least of [0, 1e-9, 0.5]) {
      const values = Array.from({ length: n }, (_, k) => (k === 3 ? least : 5 + k));
      const x = start();
      const value = lowestEigenvector(lowerOf(values), x, 20, eigenWorkspace(n));
      expect(Math.abs(innerProduct(x, column(3)))).toBeGreaterThan(1 - 1e-12);
      expect(Math.abs(value - least)).toBeLessThan(1e-13);
    }
  });

  it("minimises over what a basis spans when one is given", () => {
    // Vector 3 is free, so x = v₅ + a v₃ with the a at which the energy is least: 0, whatever the start holds of v₃.
    const values = Array.from({ length: n }, (_, k) => (k === 3 ? 1e-6 : 1 + k));
    const basis = matrix(2, n, Float64Array.from([...column(5), ...column(8)]));
    const x = start();
    lowestEigenvector(lowerOf(values), x, 40, eigenWorkspace(n), basis);
    expect(Math.abs(innerProduct(x, column(5)))).toBeGreaterThan(1 - 1e-9);
  });

  it("leaves x alone where the matrix is not positive semidefinite", () => {
    const x = start();
    expect(
      lowestEigenvector(lowerOf(Array.from({ length: n }, (_, k) => (k === 0 ? -50 : 5))), x, 3, eigenWorkspace(n)),
    ).toBeNaN();
    expect(x).toEqual(start());
  });
});
