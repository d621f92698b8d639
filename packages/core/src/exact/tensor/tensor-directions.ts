import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { inverseLower } from "../../linear-algebra/triangular.ts";
import type { Rng } from "../../random.ts";
import type { BlockEquations } from "./block-fit.ts";
import { decompose } from "./decompose.ts";
import { gradientMoments, joinedSlices } from "./gradient-moments.ts";
import type { IsotropicWeights } from "./isotropic-weights.ts";
import type { MomentOrder } from "./moment-orders.ts";
import { outerMixing } from "./outer-mixing.ts";
import { unitRows } from "./unit-rows.ts";

/** Mixtures of the outputs that are looked at, at most. */
const mostMixtures = 8;

/**
 * Unit directions of the samples in their span from the moments of the gradient, up to sign: the components of its tensors of the given orders.
 *
 * @returns rows [B, B], the best decomposition first.
 */
export async function tensorDirections(
  { gradient, outer }: BlockEquations,
  orders: readonly MomentOrder[],
  { weights, factor }: IsotropicWeights,
  product: MatrixProduct,
  rng: Rng,
): Promise<Matrix[]> {
  const mixing = await outerMixing(outer, mostMixtures, rng);
  // With u = L⁻¹ Vᵀ w the inputs are c′ = Lᵀ c, and so is what the gradient is made of.
  const turned = multiply(gradient, factor);
  const slices = await Promise.all(orders.map((order) => gradientMoments(turned, weights, mixing, order, product)));
  const decompositions = await decompose(joinedSlices(slices), rng);
  const back = inverseLower(factor);
  return decompositions.map(({ directions }) => unitRows(multiply(directions, back)));
}

/** Directions near the given ones, for another start. */
export function disturbed(directions: Matrix, rng: Rng): Matrix {
  const { rows, cols, data } = directions;
  const random = rng.split("disturbance");
  return unitRows(
    matrix(
      rows,
      cols,
      data.map((value) => value + (0.3 * random.normal()) / Math.sqrt(cols)),
    ),
  );
}
