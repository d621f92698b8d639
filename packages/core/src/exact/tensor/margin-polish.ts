import { matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { ActivationFunction } from "./activation-function.ts";
import { type BlockEquations, blockFit, blockResidual, selectNeurons } from "./block-fit.ts";
import { type PolishedPoint, type PolishOptions, subset } from "./polish.ts";
import { unitRows } from "./unit-rows.ts";

const mostRounds = 30;

/**
 * The polish for activations with a kink at zero: Levenberg–Marquardt on the neurons whose pre-activations are farthest from it, chosen anew round by round until
 * the point explains all neurons.
 *
 * A neuron on the wrong side of the kink spoils the fit, and a search cannot see across. Three tenths of the neurons are used at first and more as the point
 * becomes sharper; that those are on their right sides is enough for an exact fit. Where the activation is straight on either side, s″ tells
 * nothing and the slopes s′(uⱼ · cᵢ) are held during a round: the first weight's gradient is then a polynomial in c and r.
 */
export async function marginPolish(
  equations: BlockEquations,
  start: Float64Array,
  options: PolishOptions & { readonly straight: boolean },
): Promise<PolishedPoint> {
  const { product, rng, signal, tolerance, neurons = 4096 } = options;
  const seen = subset(equations, neurons, rng);
  let best: PolishedPoint = { point: start, residual: await blockResidual(equations, start), iterations: 0 };
  let point = start;
  let iterations = 0;
  for (let round = 0; round < mostRounds && best.residual > tolerance && !signal?.aborted; round++) {
    const share = Math.min(0.3 + 0.1 * (round % 7), 0.9);
    const held = await farFromKink(seen, point, share, options.straight);
    const found = await levenbergMarquardt({
      ...blockFit(held, product),
      start: point,
      product,
      signal,
      options: { tolerance: 1e-28, iterations: 30, progress: 1e-6 },
    });
    point = found.value;
    iterations += found.iterations;
    const residual = await blockResidual(equations, point);
    if (residual < best.residual) best = { point, residual, iterations };
  }
  return { ...best, iterations };
}

/** The neurons farthest from the kink at a point; with their slopes there in place of the activation, where it is straight on either side. */
async function farFromKink(
  equations: BlockEquations,
  point: Float64Array,
  share: number,
  isStraight: boolean,
): Promise<BlockEquations> {
  const { rows, cols: size } = equations.weights;
  const inputs = matrix(size, size, point.slice(0, size * size));
  const z = multiply(equations.weights, unitRows(inputs), { transposeB: true });
  const margin = Float64Array.from({ length: rows }, (_, j) =>
    z.data.subarray(j * size, (j + 1) * size).reduce((least, value) => Math.min(least, Math.abs(value)), Infinity),
  );
  const order = Array.from(margin.keys()).sort((a, b) => margin[b]! - margin[a]!);
  const chosen = order.slice(0, Math.max(Math.ceil(share * rows), Math.min(rows, 4 * size)));
  const kept = selectNeurons(equations, chosen);
  if (!isStraight) return kept;
  const { outerGradient: _, ...gradientOnly } = kept;
  const pre = multiply(kept.weights, matrix(size, size, point.slice(0, size * size)), { transposeB: true });
  const [, slopes] = await kept.activation(pre.data, 1);
  return { ...gradientOnly, activation: straight(slopes!) };
}

/** The activation with its slopes held, wherever it is asked for. */
function straight(slopes: Float64Array): ActivationFunction {
  return async (z) => [z.map((value, i) => value * slopes[i]!), slopes, new Float64Array(z.length)];
}
