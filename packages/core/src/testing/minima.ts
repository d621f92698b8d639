import type { Arrays, NdArray } from "@recon/engine";
import type { Evaluation, Objective } from "../solvers/objective.ts";

/** A problem whose minimum is known. */
export interface KnownMinimum {
  readonly name: string;
  readonly start: Arrays;
  readonly objective: Objective;
  /** Least value. */
  readonly minimum: number;
  /** Every place where it is taken. */
  readonly minimisers: readonly (readonly number[])[];
}

/** An objective over one vector named `x`. */
export function vectorObjective(
  f: (x: ArrayLike<number>) => { value: number; gradient: ArrayLike<number> },
): Objective {
  return async (arrays): Promise<Evaluation> => {
    const { value, gradient } = f(arrays.x!.data);
    return { value, gradient: { x: vector(gradient) } };
  };
}

/** A vector as an array. */
export function vector(values: ArrayLike<number>): NdArray {
  return { shape: [values.length], data: Float64Array.from(values) };
}

/** ½ Σ λᵢ (xᵢ − cᵢ)², started at 0. */
function quadratic(name: string, curvatures: readonly number[]): KnownMinimum {
  const centre = curvatures.map((_, i) => (i % 2 === 0 ? 1 : -2));
  const objective = vectorObjective((x) => {
    const gradient = curvatures.map((lambda, i) => lambda * (x[i]! - centre[i]!));
    return { value: gradient.reduce((total, g, i) => total + 0.5 * g * (x[i]! - centre[i]!), 0), gradient };
  });
  return { name, start: { x: vector(centre.map(() => 0)) }, objective, minimum: 0, minimisers: [centre] };
}

/** (1 − a)² + 100 (b − a²)², minimum 0 at (1, 1), from (−1.2, 1). @see Rosenbrock, Computer J. 3 (1960). */
const rosenbrock: KnownMinimum = {
  name: "Rosenbrock",
  start: { x: vector([-1.2, 1]) },
  objective: vectorObjective((x) => {
    const [a, b] = [x[0]!, x[1]!];
    const valley = b - a * a;
    return { value: (1 - a) ** 2 + 100 * valley ** 2, gradient: [-2 * (1 - a) - 400 * a * valley, 200 * valley] };
  }),
  minimum: 0,
  minimisers: [[1, 1]],
};

/** Σₖ (cₖ − a (1 − bᵏ))² with c = 1.5, 2.25, 2.625: minimum 0 at (3, .5), from (1, 1). @see Beale 1958. */
const beale: KnownMinimum = {
  name: "Beale",
  start: { x: vector([1, 1]) },
  objective: vectorObjective((x) => {
    const [a, b] = [x[0]!, x[1]!];
    let value = 0;
    const gradient = [0, 0];
    [1.5, 2.25, 2.625].forEach((c, index) => {
      const k = index + 1;
      const r = c - a * (1 - b ** k);
      value += r * r;
      gradient[0]! += -2 * r * (1 - b ** k);
      gradient[1]! += 2 * r * a * k * b ** (k - 1);
    });
    return { value, gradient };
  }),
  minimum: 0,
  minimisers: [[3, 0.5]],
};

/** (a² + b − 11)² + (a + b² − 7)²: four minima of value 0. @see Himmelblau, Applied Nonlinear Programming, 1972. */
const himmelblau: KnownMinimum = {
  name: "Himmelblau",
  start: { x: vector([0, 0]) },
  objective: vectorObjective((x) => {
    const [a, b] = [x[0]!, x[1]!];
    const u = a * a + b - 11;
    const v = a + b * b - 7;
    return { value: u * u + v * v, gradient: [4 * a * u + 2 * v, 2 * u + 4 * b * v] };
  }),
  minimum: 0,
  minimisers: [
    [3, 2],
    [-2.805118086952745, 3.131312518250573],
    [-3.779310253377747, -3.28318599128617],
    [3.584428340330492, -1.848126526964404],
  ],
};

/** ½ ‖A x − b‖² with A = [[1, 0], [1, 1], [1, 2]], b = (6, 0, 0): the line of best fit is 5 − 3t, and ½‖r‖² = 3. */
const leastSquares: KnownMinimum = {
  name: "linear least squares",
  start: { x: vector([0, 0]) },
  objective: vectorObjective((x) => {
    const b = [6, 0, 0];
    const residuals = b.map((value, t) => x[0]! + x[1]! * t - value);
    const value = 0.5 * residuals.reduce((total, r) => total + r * r, 0);
    return { value, gradient: [0, 1].map((k) => residuals.reduce((total, r, t) => total + r * t ** k, 0)) };
  }),
  minimum: 3,
  minimisers: [[5, -3]],
};

/** Problems with known minima, easy ones first. */
export const knownMinima: readonly KnownMinimum[] = [
  quadratic("round quadratic", [1, 1, 1, 1]),
  quadratic("quadratic of condition 1e4", [1, 10, 100, 1e4]),
  leastSquares,
  himmelblau,
  beale,
  rosenbrock,
];
