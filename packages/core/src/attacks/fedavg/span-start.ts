import type { NdArray } from "@recon/engine";
import { unitRoundoff } from "../../exact/result.ts";
import { sparseColumns } from "../../exact/sparse-columns.ts";
import { factorGradient } from "../../exact/spear/factored-gradient.ts";
import { weightMatrix } from "../../exact/weight-matrix.ts";
import { type Matrix, matrix, matrixOf } from "../../linear-algebra/matrix.ts";
import { executorProduct } from "../../linear-algebra/multiply.ts";
import type { AttackContext, LocalTraining, Problem } from "../../problem.ts";
import { knownNoise } from "../conclude.ts";
import { givenTargets } from "../targets.ts";
import { arrangements } from "./arrangements.ts";
import { exchangedLabels } from "./exchanged-labels.ts";
import { lifted, reduceToSpan } from "./span-reduction.ts";
import { type Batch, type UnrolledFit, type UnrolledFitter, unrolledFitter } from "./unrolled-fit.ts";

/** A batch read off the layer that the data enters. */
export interface SpanFound extends Batch {
  readonly layer: string;
  /** Root mean square of the misfit in units of the observation's accuracy. */
  readonly misfit: number;
  readonly evaluations: number;
  /** Whether the budget was spent on the least squares. */
  readonly exhausted: boolean;
}

/** Largest distance of a fitted target from the label that it is taken for: other labels are at least .7 away. */
const nearLabel = 0.3;

/**
 * A whole batch out of the sum of all local steps' gradients in the layer that the data enters: the span of the inputs, single inputs by the neurons that
 * each left off at every step, labels by least squares through all steps, then everything together.
 */
export async function spanStart(
  problem: Problem,
  training: LocalTraining,
  { executor, budget, rng, signal }: Pick<AttackContext, "executor" | "budget" | "rng" | "signal">,
): Promise<SpanFound | { readonly reason: string }> {
  const { product, dispose } = executorProduct(executor);
  try {
    const span = await reduceToSpan(problem, training, product);
    if ("reason" in span) return span;
    const { layer, basis, sums } = span;
    if (layer.bias === undefined || sums.bias === undefined)
      return { reason: `layer ${layer.weight} has no bias, so the scale of its inputs is open` };
    const batch = problem.knowledge.batchSize as number;
    const factored = await factorGradient(
      {
        weight: weightMatrix(layer, problem.params[layer.weight]!),
        bias: Float64Array.from(problem.params[layer.bias]!.data),
        weightGradient: sums.weight,
        biasGradient: sums.bias,
      },
      batch,
      { roundoff: unitRoundoff[problem.observationPrecision], noiseStd: knownNoise(problem) },
      product,
    );
    const columns = sparseColumns(factored, { rng: rng.split("columns"), signal });
    if (columns === undefined) {
      return {
        reason: `the errors at layer ${layer.weight} do not vanish at enough neurons to tell ${batch} samples apart`,
      };
    }
    const coordinates = matrix(batch, batch, columns.coordinates);
    const whole = await product(coordinates, factored.right, { transposeB: true });
    const inputs = await product(withoutLastColumn(whole), basis);
    const start = { shape: [batch, basis.cols], data: inputs.data };
    const fitter = await unrolledFitter(span.problem, executor, batch, budget.evaluations, signal);
    try {
      const best = await explained(problem, training, start, fitter, signal);
      return {
        input: await lifted(span, problem.model, best.input, product),
        target: best.target,
        misfit: best.misfit,
        layer: layer.weight,
        evaluations: fitter.evaluations(),
        exhausted: fitter.exhausted(),
      };
    } finally {
      await fitter.dispose();
    }
  } finally {
    await dispose();
  }
}

/** The arrangement of the inputs and the targets that explain the update best, with all inputs polished. */
async function explained(
  problem: Problem,
  training: LocalTraining,
  inputs: NdArray,
  fitter: UnrolledFitter,
  signal: AbortSignal,
): Promise<UnrolledFit> {
  const batch = inputs.shape[0]!;
  let best: UnrolledFit | undefined;
  for (const order of arrangements(training, batch)) {
    if ((signal.aborted || fitter.exhausted()) && best !== undefined) break;
    const input = { shape: inputs.shape, data: rowsInOrder(matrixOf(inputs), order).data };
    const free = await fitter.fit({ input, target: evenTargets(problem, batch) }, ["target"]);
    const labels =
      problem.model.target.kind === "distribution"
        ? (labelled(free.target) ?? (await exchangedLabels({ input, target: free.target }, fitter)))
        : undefined;
    const settled =
      labels === undefined || fitter.exhausted() ? free : await fitter.fit({ input, target: labels }, ["input"]);
    const fit = settled.misfit <= free.misfit ? settled : free;
    if (best === undefined || fit.misfit < best.misfit) best = fit;
  }
  return best!;
}

/** Where targets start: even, or as they are told where every sample has the same. */
function evenTargets(problem: Problem, batch: number): NdArray {
  const { shape, kind } = problem.model.target;
  const told = givenTargets(problem, batch);
  const size = shape.reduce((n, extent) => n * extent, batch);
  const mean = kind === "distribution" ? 1 / shape.at(-1)! : 0;
  const data = new Float64Array(size).fill(mean);
  return "value" in told && batch === 1 ? told.value : { shape: [batch, ...shape], data };
}

/** Every row as the label it is near; undefined where one is near none. */
function labelled({ shape, data }: NdArray): NdArray | undefined {
  const rounded = Float64Array.from(data, (value) => Math.round(value));
  const classes = shape.at(-1)!;
  for (let from = 0; from < data.length; from += classes) {
    const row = rounded.subarray(from, from + classes);
    const near = row.every((value, k) => Math.abs(value - data[from + k]!) <= nearLabel);
    if (!near || row.filter((value) => value === 1).length !== 1 || row.some((value) => value < 0)) return undefined;
  }
  return { shape, data: rounded };
}

function rowsInOrder({ cols, data }: Matrix, order: readonly number[]): Matrix {
  const result = matrix(order.length, cols);
  order.forEach((row, i) => {
    result.data.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return result;
}

function withoutLastColumn({ rows, cols, data }: Matrix): Matrix {
  const result = matrix(rows, cols - 1);
  for (let i = 0; i < rows; i++) result.data.set(data.subarray(i * cols, (i + 1) * cols - 1), i * (cols - 1));
  return result;
}
