import { knownNoise } from "../attacks/conclude.ts";
import { firstLinearLayer, traceModel } from "../attacks/model-layers.ts";
import { modelRankBound } from "../attacks/model-rank-bound.ts";
import { oneGradient } from "../attacks/one-gradient.ts";
import { rankTest } from "../exact/rank.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import type { MatrixProduct } from "../linear-algebra/multiply.ts";
import type { Model, Problem } from "../problem.ts";

/** The numerical rank of one linear layer's [dW | db], and what it says. */
export interface LayerRank {
  readonly layer: string;
  /** Rows and columns of [dW | db]; without the last column where the layer has no bias. */
  readonly rows: number;
  readonly columns: number;
  readonly bias: boolean;
  /** Absent where no clear gap separates the singular values from rounding or noise; `reason` says so. */
  readonly rank?: number;
  readonly gap?: number;
  /** Singular values above it are counted. */
  readonly threshold?: number;
  /** The largest singular values, descending. */
  readonly values: readonly number[];
  /** The rank that a batch of any size could have reached. */
  readonly bound: number;
  /** The layer is applied to a sample several times, at positions or at local steps between which its input moves, so that its rank counts these. */
  readonly shared: boolean;
  readonly reason: string;
}

/** What the ranks say of the batch size. */
export interface BatchFinding {
  /** Distinct samples with a trace in the gradient: at least this many. 0 where no rank is clear. */
  readonly atLeast: number;
  /** Whether a rank stays below all that it could reach, so that there are no more than these, duplicates and samples without a trace aside. */
  readonly established: boolean;
}

const shownValues = 16;

/** The numerical rank of [dW | db] of every linear layer of the model whose gradient was observed, from the input to the loss. */
export async function layerRanks(problem: Problem, product: MatrixProduct): Promise<readonly LayerRank[]> {
  const { model, observation, observationPrecision: precision } = problem;
  const { layers, input } = traceModel(model);
  const noiseStd = knownNoise(problem);
  const entered = firstLinearLayer(model)?.weight;
  const found: LayerRank[] = [];
  for (const [index, layer] of layers.entries()) {
    const gradient = observation[layer.weight];
    // A weight that is used at many places, as recurrent nets do, has one gradient, and one rank.
    const uses = layers.filter(({ weight }) => weight === layer.weight);
    if (layer.kind !== "linear" || gradient === undefined || uses[0] !== layer) continue;
    const biasGradient = layer.bias === undefined ? undefined : observation[layer.bias]?.data;
    const weightGradient = weightMatrix(layer, gradient);
    const positions = uses.length > 1 || layer.input.shape[0] !== input.shape[0] || layer.input.shape.length > 2;
    const { value, reason } = await rankTest(weightGradient, biasGradient, { precision, noiseStd, product });
    found.push({
      layer: layer.weight,
      rows: weightGradient.rows,
      columns: weightGradient.cols + (biasGradient === undefined ? 0 : 1),
      bias: biasGradient !== undefined,
      ...(value && { rank: value.rank, gap: value.gap, threshold: value.threshold }),
      values: Array.from(value?.singularValues.slice(0, shownValues) ?? []),
      bound: boundAt(model, index),
      shared: positions || addsMoreThanSamples(problem, layer.weight === entered),
      reason,
    });
  }
  return found;
}

/** Whether other things than the samples of one gradient add to a layer's rank: local steps behind the layer that the data enters, decay everywhere, or steps that are unknown. */
function addsMoreThanSamples(problem: Problem, entered: boolean): boolean {
  if ("seen" in oneGradient(problem)) return false;
  const { operator, knowledge } = problem;
  if (!entered || operator.localTraining === undefined || typeof knowledge.batchSize !== "number") return true;
  const { drift, describedBy } = operator.localTraining(knowledge.batchSize);
  return drift !== 0 || describedBy.some((flag) => knowledge[flag] === undefined);
}

/** What the ranks of all layers together say of the batch size. */
export function batchFinding(ranks: readonly LayerRank[]): BatchFinding {
  const clear = ranks.flatMap(({ rank, bound, shared }) => (rank === undefined || shared ? [] : [{ rank, bound }]));
  const atLeast = Math.max(0, ...clear.map(({ rank }) => rank));
  return { atLeast, established: clear.some(({ rank, bound }) => rank === atLeast && rank < bound) };
}

/** The rank that the errors at a layer could have had, within one activation pattern too where the net is piecewise linear behind it. */
function boundAt(model: Model, index: number): number {
  const { total, perPattern = total } = modelRankBound(model, index);
  return Math.min(total, perPattern);
}
