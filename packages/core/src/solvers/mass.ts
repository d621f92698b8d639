import { choleskySolve } from "../linear-algebra/cholesky.ts";
import type { Matrix } from "../linear-algebra/matrix.ts";
import { solveLowerTransposed } from "../linear-algebra/triangular.ts";
import type { Rng } from "../random.ts";

/** The mass matrix M of Hamiltonian dynamics: the closer to the precision of the density, the fewer steps a trajectory needs. */
export interface Mass {
  readonly size: number;
  /** p ~ N(0, M). */
  momentum(rng: Rng): Float64Array;
  /** M⁻¹ p. */
  velocity(momentum: Float64Array): Float64Array;
  /** A draw of N(0, M⁻¹): a step as wide as the density where M is its precision. */
  displacement(rng: Rng): Float64Array;
}

/** M = L Lᵀ from its Cholesky factor L. */
export function denseMass(factor: Matrix): Mass {
  const { rows: n, data } = factor;
  const normals = (rng: Rng): Float64Array => Float64Array.from({ length: n }, () => rng.normal());
  return {
    size: n,
    momentum: (rng) => {
      const draw = normals(rng);
      const p = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let total = 0;
        for (let j = 0; j <= i; j++) total += data[i * n + j]! * draw[j]!;
        p[i] = total;
      }
      return p;
    },
    velocity: (p) => choleskySolve(factor, p),
    displacement: (rng) => solveLowerTransposed(factor, normals(rng)),
  };
}

/** M = diag(d), d > 0. */
export function diagonalMass(diagonal: Float64Array): Mass {
  return {
    size: diagonal.length,
    momentum: (rng) => diagonal.map((value) => Math.sqrt(value) * rng.normal()),
    velocity: (p) => p.map((value, i) => value / diagonal[i]!),
    displacement: (rng) => diagonal.map((value) => rng.normal() / Math.sqrt(value)),
  };
}
