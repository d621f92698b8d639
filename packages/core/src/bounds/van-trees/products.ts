import type { Matrix } from "../../linear-algebra/matrix.ts";
import { matrixVector, transposedMatrixVector } from "../../linear-algebra/vector.ts";

/** Products with the Jacobian J of F, N × D, at a point, without ever forming it. */
export interface JacobianProducts {
  /** D: entries of the unknown. */
  readonly inputs: number;
  /** N: entries of the observation. */
  readonly outputs: number;
  /** J(x) v. */
  forward(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  /** J(x)ᵀ c. */
  backward(x: Float64Array, c: Float64Array): Promise<Float64Array>;
}

/** Products with Jacobians that are given as matrices. */
export function denseProducts(
  inputs: number,
  outputs: number,
  jacobian: (x: Float64Array) => Matrix,
): JacobianProducts {
  return {
    inputs,
    outputs,
    forward: async (x, v) => matrixVector(jacobian(x), v),
    backward: async (x, c) => transposedMatrixVector(jacobian(x), c),
  };
}
