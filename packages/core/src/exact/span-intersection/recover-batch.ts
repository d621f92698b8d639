import { leastSquares } from "../../linear-algebra/least-squares.ts";
import { appendColumn, block, identityMatrix, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import type { CompiledHead } from "../cut-layer/compiled-head.ts";
import type { ObservedLayer } from "../cut-layer/observed-sums.ts";
import { spanCoordinates } from "../cut-layer/span-coordinates.ts";
import type { ExactResult } from "../result.ts";
import { type BatchFit, fitBatch } from "./batch-fit.ts";
import type { InputBounds } from "./box-points.ts";
import { gradientSpaces } from "./gradient-spaces.ts";
import { intersectSpans } from "./intersect-spans.ts";
import { type LaterSpace, pointEquations } from "./point-equations.ts";

/** Misfits of all gradients, each in units of its own norm, that end the search. */
const explained = { float32: 1e-5, float64: 1e-9 } as const;

/** A net of which the data enters a linear layer first, with its gradient. */
export interface BatchSources {
  /** [W | b] [m, d + 1] of the first layer, or W alone where its bias has no gradient. */
  readonly weight: Matrix;
  readonly gradient: Matrix;
  readonly biased: boolean;
  /** Of the linear layers behind it, in their order; the last is the net's output. */
  readonly behind: readonly ObservedLayer[];
  /** The net behind the first layer under the loss ⟨ŷ, r⟩, with r [B, ...] in place of targets. */
  readonly head: CompiledHead;
  /** Of one sample's output. */
  readonly outputShape: readonly number[];
}

export interface RecoverBatchOptions {
  readonly samples: number;
  readonly bounds: InputBounds;
  readonly precision: "float32" | "float64";
  readonly product: MatrixProduct;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** A batch that explains the gradients of all layers. */
export interface RecoveredBatch {
  /** X [B, d]. */
  readonly inputs: Matrix;
  /** ∂ℓ/∂ŷ [B, K]. */
  readonly errors: Matrix;
  readonly starts: number;
  /** Whether more points than samples fulfil the equations. */
  readonly ambiguous: boolean;
}

/** What came of it; `open` where the gradient does not show as many samples, and no search would find them. */
export interface BatchResult extends ExactResult<RecoveredBatch> {
  readonly open?: true;
}

/**
 * A whole batch of a fully connected net, whatever its activations and its targets, from the spaces of its layers' gradients.
 *
 * The rows of ∂ℓ/∂[W | b] of every layer span what entered that layer: for B samples a space of B dimensions. A point of the first layer's space whose
 * image at the later layers lies in their spaces as well is a sample; other points are not, as far as the activations are curved. That makes B − 1 unknowns for one
 * sample, with one equation for every dimension of a later layer beyond B, and no target and no other sample among them. With the samples known, the
 * errors ∂ℓ/∂ŷ follow from the last layer by least squares, and all are fitted to all gradients at once.
 *
 * @returns residual: norm of the misfits of all gradients, each in units of its own norm.
 */
export async function recoverBatch(sources: BatchSources, options: RecoverBatchOptions): Promise<BatchResult> {
  const { weight, gradient, biased, behind, head, outputShape } = sources;
  const { samples, bounds, precision, product, rng, signal } = options;
  const assumptions = ["architecture", "weights", "batchSize"];
  const none = (reason: string): BatchResult => ({ residual: Number.NaN, assumptions, reason });
  const first = await gradientSpaces(gradient, samples, precision, product);
  if (first === undefined) {
    const reason = `At this precision the first layer's gradient does not show ${samples} samples: some repeat, depend on others or leave no error.`;
    return { ...none(reason), open: true };
  }
  const coordinates = spanCoordinates(first.rows, biased);
  const weights = await product(weight, first.rows);
  const spaces: LaterSpace[] = [];
  let errorSpace = identityMatrix(outputShape.reduce((n, extent) => n * extent, 1));
  for (const [layer, sent] of behind.entries()) {
    const found = sent.gradient && (await gradientSpaces(gradientOf(sent)!, samples, precision, product));
    if (found === undefined) continue;
    spaces.push({ layer, rows: found.rows, gap: found.gap, biased: sent.biasGradient !== undefined });
    if (layer === behind.length - 1) errorSpace = found.columns;
  }
  const surplus = spaces.reduce((sum, { rows }) => sum + rows.rows - samples, 0) - coordinates.directions.cols;
  if (surplus < 1) {
    const reason = `The gradients behind the first layer make ${surplus < 0 ? "fewer equations than" : "no more equations than"} a sample has unknowns at this precision.`;
    return none(reason);
  }
  const equations = pointEquations(weights, coordinates, head, spaces, outputShape);
  const parts = {
    weights,
    gradient: await product(gradient, first.rows),
    coordinates,
    behind,
    head,
    errorSpace,
    outputShape,
  };
  let best: (BatchFit & Pick<RecoveredBatch, "starts" | "ambiguous">) | undefined;
  for await (const met of intersectSpans(equations, coordinates, { samples, basis: first.rows, bounds, rng, signal })) {
    const errors = await outputErrors(sources, coordinates.inputsOf(met.points.data, samples), weights);
    if (errors === undefined) continue;
    const fit = await fitBatch(parts, { points: met.points, errors }, product, signal);
    if (best === undefined || fit.residual < best.residual) best = { ...met, ...fit };
    if (best.residual <= explained[precision]) break;
  }
  if (best === undefined) return none(`The spaces of the layers were not found to meet at ${samples} points.`);
  const { residual, errors, starts, ambiguous } = best;
  const rows = multiply(coordinates.inputsOf(best.points.data, samples), first.rows, { transposeB: true });
  const inputs = block(rows, 0, 0, samples, weight.cols - (biased ? 1 : 0));
  const end =
    residual <= explained[precision]
      ? "fitted to all gradients"
      : `which explain them up to ${residual.toExponential(1)}`;
  return {
    value: { inputs, errors, starts, ambiguous },
    residual,
    assumptions,
    reason: `${samples} samples where the spaces of ${spaces.length + 1} layers meet, from ${starts} starts, ${end}.`,
  };
}

function gradientOf({ gradient, biasGradient }: ObservedLayer): Matrix | undefined {
  return gradient === undefined || biasGradient === undefined ? gradient : appendColumn(gradient, biasGradient);
}

/** ∂ℓ/∂ŷ [B, K] by least squares from dA = Σᵢ rᵢ hᵢᵀ of the last layer; undefined where its inputs depend on each other. */
async function outputErrors(
  { behind, head, outputShape }: BatchSources,
  c: Matrix,
  weights: Matrix,
): Promise<Matrix | undefined> {
  const sent = behind.at(-1)!;
  const observed = gradientOf(sent);
  if (observed === undefined) return undefined;
  const size = outputShape.reduce((n, extent) => n * extent, 1);
  const anyError = { shape: [c.rows, ...outputShape], data: new Float64Array(c.rows * size) };
  const { layers } = await head.at(multiply(c, weights, { transposeB: true }), anyError);
  const { inputs } = layers.at(-1)!;
  const h = sent.biasGradient === undefined ? inputs : appendColumn(inputs, new Float64Array(c.rows).fill(1));
  const errors = matrix(c.rows, observed.rows);
  try {
    for (let o = 0; o < observed.rows; o++) {
      const { x } = leastSquares(transposed(h), observed.data.subarray(o * observed.cols, (o + 1) * observed.cols));
      for (let i = 0; i < c.rows; i++) errors.data[i * observed.rows + o] = x[i]!;
    }
  } catch {
    return undefined;
  }
  return errors;
}
