import {
  add,
  broadcastTo,
  constant,
  div,
  dot,
  type Graph,
  graph,
  input,
  leakyRelu,
  matmul,
  maximum,
  mean,
  mul,
  relu,
  reshape,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { DenseNet } from "./dense-layers.ts";
import type { MarginSpan } from "./margin-span.ts";

export interface DenseObjectiveOptions {
  /** m, candidates. */
  readonly count: number;
  /** y of each candidate, ±1. */
  readonly signs: Float64Array;
  /** Bounds of every coordinate of a sample [d]. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Unit in which `t` is measured: the extent of the box, so that settings mean the same in every domain. */
  readonly unit: number;
  /** How fast the multipliers move beside the coordinates. */
  readonly multiplierScale: number;
}

/** Weight of the penalty on multipliers that are too small. */
const multiplierWeight = 5;

/**
 * The distance of a net's weights from stationarity at m candidates with multipliers, as a graph that needs one backward pass only:
 *
 *     |Θ − G|² / |Θ|²,   Gₗ = Σᵢ λᵢ yᵢ δₗᵢ aₗ₋₁,ᵢᵀ
 *     |Θ − G|² = |Θ|² − 2 Σₗᵢ λᵢ yᵢ δₗᵢ·zₗᵢ + Σₗᵢₖ λᵢ λₖ yᵢ yₖ (δₗᵢ·δₗₖ)(aₗ₋₁,ᵢ·aₗ₋₁,ₖ)
 *
 * with the backward errors δ written out and products of layers through m × m Gram matrices. Candidates are V (c₀ + N t) in the hull of the margin samples, t in units of the box; the
 * derivative of a ReLU is σ(α z / s), where s is the length of a unit's weights (times the mean length of what goes in), so that α is an inverse distance.
 *
 * Inputs `t` [m, r − 1], `multipliers` [m] (λ / `multiplierScale`, for weights scaled to |Θ|² = L), `alpha` [], and `least` [], the share of |Θ|²/m below which
 * multipliers are penalised. Outputs `objective`, with a penalty of what leaves
 * the box and of small multipliers, and `misfit`, without.
 *
 * @see Haim et al., Reconstructing Training Data from Trained Neural Networks, NeurIPS 2022, eq. 5 to 7.
 */
export function denseObjective(net: DenseNet, span: MarginSpan, options: DenseObjectiveOptions): Graph {
  const { count, signs, multiplierScale, unit } = options;
  const { first, later, slopes } = scaled(net);
  const depth = later.length + 1;
  const inner = span.rank;
  const t = input("t", [count, inner - 1]);
  const multipliers = input("multipliers", [count]);
  const alpha = input("alpha", []);
  const leastMultiplier = input("least", []);
  const lambda = mul(multipliers, multiplierScale);
  const c = add(matmul(mul(t, unit), fixed(span.directions), { transposeB: true }), row(span.origin, count));

  // Forward: inputs of every layer, and z of every layer.
  const weights = [multiply(first, span.basis), ...later];
  const entering: Tensor[] = [c];
  const sums: Tensor[] = [];
  const steps: Tensor[] = [];
  weights.forEach((w, l) => {
    const before = entering[l]!;
    const z = matmul(before, fixed(w), { transposeB: true });
    sums.push(z);
    if (l === depth - 1) return;
    const slope = slopes[l]!;
    const own = row(rowSizes(l === 0 ? withoutLast(first) : w), count);
    const size = l === 0 ? own : mul(own, stopGradient(mean(sqrt(sum(square(before), [1])))));
    const step = sigmoid(mul(div(z, size), alpha));
    steps.push(slope === 0 ? step : add(mul(step, 1 - slope), slope));
    entering.push(slope === 0 ? relu(z) : leakyRelu(z, slope));
  });

  const errors: Tensor[] = [];
  let error = broadcastTo(constant([1], [1, 1]), [count, 1]);
  for (let l = depth - 1; l >= 0; l--) {
    errors[l] = error;
    if (l > 0) error = mul(matmul(error, fixed(weights[l]!)), steps[l - 1]!);
  }

  const charges = mul(lambda, constant(signs, [count]));
  const pairs = mul(reshape(charges, [count, 1]), reshape(charges, [1, count]));
  const squared = [first, ...later].reduce((total, { data }) => total + norm(data) ** 2, 0);
  let misfit: Tensor = constant([squared], []);
  for (let l = 0; l < depth; l++) {
    const along = sum(mul(charges, sum(mul(errors[l]!, sums[l]!), [1])));
    const both = mul(gram(errors[l]!), gram(entering[l]!));
    misfit = add(misfit, sub(dot(pairs, both), mul(along, 2)));
  }
  misfit = mul(misfit, 1 / squared);
  const samples = matmul(c, fixed(withoutLastRow(span.basis)), { transposeB: true });
  const outside = add(
    square(relu(sub(samples, row(options.upper, count)))),
    square(relu(sub(row(options.lower, count), samples))),
  );
  const box = mul(sum(outside), 1 / (count * unit ** 2));
  const small = sum(square(relu(sub(leastMultiplier, mul(lambda, count / squared)))));
  return graph(
    { t, multipliers, alpha, least: leastMultiplier },
    { objective: add(misfit, add(box, mul(small, multiplierWeight))), misfit: maximum(misfit, 0) },
  );
}

/** The net with weights multiplied by one number so that |Θ|² = L, for L layers. */
function scaled(net: DenseNet): DenseNet {
  const all = [net.first, ...net.later];
  const size = Math.sqrt(all.reduce((total, { data }) => total + norm(data) ** 2, 0));
  const factor = Math.sqrt(all.length) / size;
  const times = ({ rows, cols, data }: Matrix): Matrix =>
    matrix(
      rows,
      cols,
      data.map((value) => value * factor),
    );
  return { ...net, first: times(net.first), later: net.later.map(times) };
}

const fixed = ({ rows, cols, data }: Matrix): Tensor => constant(data, [rows, cols]);

const row = (values: Float64Array, count: number): Tensor =>
  broadcastTo(constant(values, [1, values.length]), [count, values.length]);

/** X Xᵀ. */
const gram = (x: Tensor): Tensor => matmul(x, x, { transposeB: true });

const rowSizes = ({ rows, cols, data }: Matrix): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => norm(data.subarray(i * cols, (i + 1) * cols)) || 1);

/** Without the column of biases. */
function withoutLast({ rows, cols, data }: Matrix): Matrix {
  const kept = Float64Array.from({ length: rows * (cols - 1) }, (_, at) => {
    return data[Math.floor(at / (cols - 1)) * cols + (at % (cols - 1))]!;
  });
  return matrix(rows, cols - 1, kept);
}

const withoutLastRow = ({ rows, cols, data }: Matrix): Matrix =>
  matrix(rows - 1, cols, data.subarray(0, (rows - 1) * cols));
