import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import { levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import { type BlockEquations, blockFit, blockResidual, selectNeurons } from "./block-fit.ts";

/** What a polish is given besides the equations. */
export interface PolishOptions {
  readonly product: MatrixProduct;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Relative residual over all neurons at or below which the point explains the gradients. */
  readonly tolerance: number;
  /** Neurons that the search sees: 24 B, but enough for 4 equations an unknown, unless said. */
  readonly neurons?: number;
}

/** A point that was fitted to the gradients. */
export interface PolishedPoint {
  /** c [B, B], then r [B, K]. */
  readonly point: Float64Array;
  /** ‖model − hⱼ‖ / ‖hⱼ‖ over all neurons, not only those that were fitted. */
  readonly residual: number;
  readonly iterations: number;
}

/** Relative residual at which nothing but rounding is left. */
const rounding = 1e-14;

/** How many neurons the search sees unless told. */
export function polishNeurons({ weights, outer }: BlockEquations): number {
  const unknowns = weights.cols + outer.rows;
  return Math.min(weights.rows, Math.max(24 * weights.cols, 4 * unknowns, 64));
}

/**
 * Levenberg–Marquardt on a random subset of the neurons, in the coordinates of the span: B² + BK unknowns whatever the dimension of the inputs. The result is
 * checked on all neurons.
 *
 * @param start c [B, B], then r [B, K]
 */
export async function polish(
  equations: BlockEquations,
  start: Float64Array,
  options: PolishOptions,
): Promise<PolishedPoint> {
  const { product, rng, signal, neurons = polishNeurons(equations) } = options;
  const chosen = subset(equations, neurons, rng);
  const { value, iterations } = await levenbergMarquardt({
    ...blockFit(chosen, product),
    start,
    product,
    signal,
    options: { tolerance: rounding ** 2, iterations: 100, progress: 1e-4 },
  });
  return { point: value, residual: await blockResidual(equations, value), iterations };
}

/** Indices of at most `count` of `neurons`, drawn at random, in order. */
export function chosenNeurons(neurons: number, count: number, rng: Rng): number[] {
  const order = rng.split("neurons").permutation(neurons).slice(0, count);
  return order.sort((a, b) => a - b);
}

/** The equations of a random choice of neurons. */
export function subset(equations: BlockEquations, count: number, rng: Rng): BlockEquations {
  const { rows } = equations.weights;
  return count >= rows ? equations : selectNeurons(equations, chosenNeurons(rows, count, rng));
}

/** c and r as the vector of unknowns. */
export function joined(coordinates: Matrix, cotangents: Matrix): Float64Array {
  const result = new Float64Array(coordinates.data.length + cotangents.data.length);
  result.set(coordinates.data);
  result.set(cotangents.data, coordinates.data.length);
  return result;
}
