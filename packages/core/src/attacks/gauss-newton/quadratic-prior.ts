import { add, type Executor, grad, graph, hvp, input, type Shape, sizeOf, type Tensor, vmap } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import { cholesky, choleskySolve } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { matrixVector } from "../../linear-algebra/vector.ts";
import type { EnergyPrior } from "../../problem.ts";

/** ½‖L (x − m)‖², a prior as rows of a least-squares problem. */
export interface QuadraticPrior {
  readonly size: number;
  /** L [n, n]. */
  readonly rows: Matrix;
  /** m [n]. */
  readonly centre: Float64Array;
  residual(x: Float64Array): Float64Array;
}

/** Share of the largest curvature that every direction gets, so that a prior that leaves some open can be factored. */
const leastCurvature = 1e-10;

/**
 * The sum of energies as ½‖L (x − m)‖² up to a constant, from its gradient and its Hessian LᵀL, which must not depend on x.
 *
 * @throws ReconError `prior-not-quadratic` for an energy whose Hessian does.
 */
export async function quadraticPrior(
  priors: readonly EnergyPrior[],
  shape: Shape,
  executor: Executor,
): Promise<QuadraticPrior> {
  const n = sizeOf(shape);
  const x = input("x", shape);
  const direction = input("direction", shape);
  const energy = priors.map((prior) => prior.energy(x)).reduce((a: Tensor, b) => add(a, b));
  const all = input("directions", [n, ...shape]);
  const products = vmap(hvp(energy, [x], [direction]), [direction], [all]);
  const outputs = { gradient: grad(energy, [x])[0]!, hessian: products[0]! };
  const program = await executor.compile(graph({ x, directions: all }, outputs), { precision: "float64" });
  try {
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    const directions = { shape: [n, ...shape], data: identity };
    const at = (data: Float64Array) => program.run({ x: { shape, data }, directions });
    const origin = await at(new Float64Array(n));
    const hessian = matrix(n, n, Float64Array.from(origin.hessian!.data));
    refuseUnlessConstant(priors, hessian, Float64Array.from((await at(elsewhere(n))).hessian!.data));
    return fromDerivatives(hessian, Float64Array.from(origin.gradient!.data));
  } finally {
    await program.dispose();
  }
}

/** Any point but the origin. */
function elsewhere(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 0.5 + 0.3 * Math.sin(1 + 7 * i));
}

function refuseUnlessConstant(priors: readonly EnergyPrior[], hessian: Matrix, other: Float64Array): void {
  const largest = hessian.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (hessian.data.every((value, i) => Math.abs(value - other[i]!) <= 1e-8 * largest)) return;
  const names = priors.map(({ name }) => name).join(", ");
  throw new ReconError(
    "prior-not-quadratic",
    `Gauss-Newton takes priors whose energy is quadratic, such as Gaussian ones, and that of ${names} is not.`,
  );
}

/** ½‖L (x − m)‖² with LᵀL = H and H m = −∇R(0). */
async function fromDerivatives(hessian: Matrix, gradient: Float64Array): Promise<QuadraticPrior> {
  const { rows: n, data } = hessian;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, data[i * n + i]!);
  for (let i = 0; i < n; i++) data[i * n + i]! += leastCurvature * largest;
  const factor = await cholesky(hessian, { product: plainProduct });
  const rows = matrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) rows.data[j * n + i] = factor.data[i * n + j]!;
  const centre = choleskySolve(
    factor,
    gradient.map((value) => -value),
  );
  return {
    size: n,
    rows,
    centre,
    residual: (x) =>
      matrixVector(
        rows,
        x.map((value, i) => value - centre[i]!),
      ),
  };
}
