import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import type { SpanCoordinates } from "../cut-layer/span-coordinates.ts";

/** Bounds of an input [d] each. */
export interface InputBounds {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

const projections = 200;
/** Steps of the walk between two points that are kept. */
const between = 4;

/**
 * Points of a span whose inputs lie in a box, drawn by a walk: a random direction, then a uniform point of what the box leaves of that line (hit and run).
 *
 * The walk begins where projections onto the span and onto the box in turn lead from the middle of the box. Every second point is drawn towards that centre, by up
 * to a hundred times: a box may be far wider than the data.
 *
 * @param basis V [D, n], D the number of inputs, and one more where the layer has a bias.
 * @returns q [count, free].
 * @see R. L. Smith, "Efficient Monte Carlo procedures for generating points uniformly distributed over bounded regions", Operations Research 32 (1984).
 */
export function boxPoints(
  basis: Matrix,
  coordinates: SpanCoordinates,
  { lower, upper }: InputBounds,
  count: number,
  rng: Rng,
): Matrix {
  const { directions } = coordinates;
  const free = directions.cols;
  const inputs = lower.length;
  const moves = multiply(basis, directions);
  const inputsAt = (q: Float64Array): Matrix => multiply(coordinates.inputsOf(q, 1), basis, { transposeB: true });
  const middle = matrix(1, basis.rows);
  for (let j = 0; j < basis.rows; j++) middle.data[j] = j < inputs ? (lower[j]! + upper[j]!) / 2 : 1;
  let q: Float64Array = coordinates.of(multiply(middle, basis));
  for (let step = 0; step < projections; step++) {
    const x = inputsAt(q);
    for (let j = 0; j < inputs; j++) x.data[j] = Math.min(upper[j]!, Math.max(lower[j]!, x.data[j]!));
    q = coordinates.of(multiply(x, basis));
  }
  const centre = q;
  const points = matrix(count, free);
  for (let i = 0; i < count; i++) {
    for (let step = 0; step < between; step++) q = alongLine(q);
    const share = i % 2 === 0 ? 1 : 10 ** (-2 * rng.uniform());
    const point = centre.map((value, k) => value + share * (q[k]! - value));
    points.data.set(point, i * free);
  }
  return points;

  function alongLine(from: Float64Array): Float64Array {
    const direction = Float64Array.from({ length: free }, () => rng.normal());
    const x = inputsAt(from).data;
    let [first, last] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let j = 0; j < inputs; j++) {
      let slope = 0;
      for (let k = 0; k < free; k++) slope += moves.data[j * free + k]! * direction[k]!;
      if (slope === 0) continue;
      const ends = [(lower[j]! - x[j]!) / slope, (upper[j]! - x[j]!) / slope];
      first = Math.max(first, Math.min(...ends));
      last = Math.min(last, Math.max(...ends));
    }
    // Outside of the box, or without one, a step of the size of an input.
    const far = coordinates.length;
    const step =
      first < last && Number.isFinite(last - first) ? first + rng.uniform() * (last - first) : far * rng.normal();
    return from.map((value, k) => value + step * direction[k]!);
  }
}
