import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import type { Rng } from "../../random.ts";
import { hermiteConstants } from "../tensor/hermite-constants.ts";
import { isotropicWeights } from "../tensor/isotropic-weights.ts";
import { momentOrders } from "../tensor/moment-orders.ts";
import { tensorDirections } from "../tensor/tensor-directions.ts";
import { type BoundedBlock, blockAt, gradientRow, pack } from "./bounded-block.ts";
import { momentSpan } from "./moment-span.ts";

/** Points from which a search may begin, the likeliest first; or why there are none. */
export type StartingPoints = { readonly points: readonly Float64Array[] } | { readonly reason: string };

/** Singular values below this share of the largest are none. */
const leastShare = 1e-6;

/**
 * Starts from the gradient as it was sent, whatever the channel did to its entries: the span of the inputs by moments of the weights and, second, by the
 * rows of the gradient; in it the directions of the samples by the tensor method; their length from the weights' spread or the bias; and one magnitude of
 * all errors, by least squares over what was not removed.
 */
export async function startingPoints(
  block: BoundedBlock,
  batch: number,
  product: MatrixProduct,
  rng: Rng,
): Promise<StartingPoints> {
  const { weight, outer } = block;
  const constants = await hermiteConstants(block.activation);
  const chosen = momentOrders(constants);
  if ("reason" in chosen) return chosen;
  const scale = spread(weight);
  const scaled = matrix(
    weight.rows,
    weight.cols,
    weight.data.map((value) => value / scale),
  );
  const seen = matrix(weight.rows, weight.cols, block.seen);
  const alike = matrix(
    weight.rows,
    weight.cols,
    seen.data.map((value, n) => value * outer[Math.floor(n / weight.cols)]!),
  );
  const rows = await topSingular(seen, batch, product);
  const spans = [await momentSpan(scaled, alike, batch, product)];
  // What was removed may leave fewer directions than there are samples.
  if (rows.values.at(-1)! > leastShare * rows.values[0]!) spans.push(rows.right);
  const points: Float64Array[] = [];
  for (const [s, span] of spans.entries()) {
    const equations = {
      weights: await product(weight, span),
      gradient: await product(seen, span),
      outer: matrix(1, outer.length, outer),
      activation: block.activation,
    };
    const isotropic = await isotropicWeights(equations.weights, product);
    const found = await tensorDirections(equations, chosen.orders, isotropic, product, rng.split(`span ${s}`));
    for (const directions of found) {
      points.push(await pointAlong(block, multiply(directions, span, { transposeB: true }), scale, seen));
    }
  }
  return { points };
}

/** Standard deviation of the entries of W. */
function spread({ data }: Matrix): number {
  let total = 0;
  for (const value of data) total += value * value;
  return Math.sqrt(total / data.length);
}

/** Inputs along unit directions, with errors of one magnitude and with the signs that fit the entries best. */
async function pointAlong(block: BoundedBlock, directions: Matrix, scale: number, seen: Matrix): Promise<Float64Array> {
  const { rows: size, cols: width } = directions;
  const inputs = matrix(size, width, directions.data.slice());
  for (let i = 0; i < size; i++) {
    const bias = inputs.data[i * width + width - 1]!;
    const factor = block.biased ? Math.sign(bias || 1) / Math.max(Math.abs(bias), 0.05) : 1 / scale;
    for (let k = 0; k < width; k++) inputs.data[i * width + k]! *= factor;
    if (block.biased) inputs.data[i * width + width - 1] = 1;
  }
  const signs = await alignments(block, pack(inputs, new Float64Array(size).fill(1)), seen);
  const point = pack(
    inputs,
    signs.map((value) => Math.sign(value || 1)),
  );
  const magnitude = await leastSquaresFactor(block, point, seen);
  for (let i = 0; i < size; i++) point[size * width + i]! *= magnitude;
  return point;
}

/** Σ_jk Y_jk a_j s′ x_ik for every sample: with which sign of its error it explains more of what was seen. */
async function alignments(block: BoundedBlock, point: Float64Array, seen: Matrix): Promise<Float64Array> {
  const { inputs, perError } = await blockAt(block, point, 1);
  const { rows: size, cols: width } = inputs;
  const result = new Float64Array(size);
  for (let j = 0; j < seen.rows; j++) {
    for (let i = 0; i < size; i++) {
      let along = 0;
      for (let k = 0; k < width; k++) along += seen.data[j * width + k]! * inputs.data[i * width + k]!;
      result[i]! += perError[j * size + i]! * along;
    }
  }
  return result;
}

/** t with ‖t G − Y‖ least over the entries that are not zero, and 1 where that is nothing. */
async function leastSquaresFactor(block: BoundedBlock, point: Float64Array, seen: Matrix): Promise<number> {
  const at = await blockAt(block, point, 1);
  const row = new Float64Array(seen.cols);
  let [overlap, square] = [0, 0];
  for (let j = 0; j < seen.rows; j++) {
    gradientRow(at, j, row);
    for (let k = 0; k < seen.cols; k++) {
      const value = seen.data[j * seen.cols + k]!;
      if (value === 0) continue;
      overlap += row[k]! * value;
      square += row[k]! * row[k]!;
    }
  }
  return square > 0 && overlap > 0 ? overlap / square : 1;
}
