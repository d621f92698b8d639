/** Labels read off the error signals of samples whose inputs are known, repeated samples included. */
import type { Executor, NdArray } from "@recon/engine";
import { leastSquares } from "../linear-algebra/least-squares.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { innerProduct, norm } from "../linear-algebra/vector.ts";
import type { Problem } from "../problem.ts";
import { errorSignals, type KnownSamples, targetsFromCotangents } from "./cotangent-targets.ts";

/** The batch that known samples make: some may be in it several times. */
export interface LabelledBatch {
  /** Place of every item of the batch among the known samples [B]. */
  readonly places: readonly number[];
  /** [B, ...target]. */
  readonly target: NdArray;
  /**
   * Whether the targets leave the batch size open: distributions that are no labels absorb the factor by which a mean over another number of samples
   * differs.
   */
  readonly sizeOpen: boolean;
}

/** Share of an error signal that no label explains, up to which it counts as explained. */
const tolerance = 1e-3;

/**
 * The label of every sample from its error signal at a layer, which points in the direction of the label's own.
 *
 * Where more samples are told than are known, equal ones were merged: their signals add up, and the signal of the sample is taken apart into whole numbers of
 * labels. A target that is no label but a distribution is found where it is the only explanation.
 *
 * @returns undefined where the loss does not show the targets.
 */
export async function labelledBatch(
  problem: Problem,
  executor: Executor,
  samples: KnownSamples,
): Promise<LabelledBatch | undefined> {
  const { shape, kind } = problem.model.target;
  const known = samples.cotangents.rows;
  if (kind !== "distribution" || shape.length !== 1) {
    const target = await targetsFromCotangents(problem, executor, samples);
    return target && { places: Array.from({ length: known }, (_, i) => i), target, sizeOpen: false };
  }
  const told = problem.knowledge.batchSize;
  const batch = typeof told === "number" ? Math.max(told, known) : known;
  const signals = await labelSignals(problem, executor, samples, shape[0]!);
  if (signals === undefined) return undefined;
  // The loss of the signals is a mean over the known samples, that of the observation one over the batch; sums need no factor.
  for (const factor of new Set([batch / known, 1])) {
    const parts = signals.map((ofSample, i) => {
      const { cols } = samples.cotangents;
      const column = samples.cotangents.data.slice(i * cols, (i + 1) * cols).map((value) => value * factor);
      return labelsOf(column, ofSample, batch - known + 1);
    });
    const items = parts.flatMap((labels, i) => labels.map((label) => ({ place: i, label })));
    if (items.length !== batch || parts.some((labels) => labels.length === 0)) continue;
    const data = Float64Array.from(items.flatMap(({ label }) => Array.from(label)));
    const sizeOpen = !data.every((value) => value === 0 || value === 1);
    return { places: items.map(({ place }) => place), target: { shape: [batch, ...shape], data }, sizeOpen };
  }
  const nearest = signals.map((ofSample, i) => nearestLabel(samples.cotangents, i, ofSample));
  return {
    places: nearest.map((_, i) => i),
    target: { shape: [known, ...shape], data: Float64Array.from(nearest.flatMap((label) => Array.from(label))) },
    sizeOpen: true,
  };
}

/** ∂ℓ/∂z of every sample for every label, [labels, m] a sample. */
async function labelSignals(
  problem: Problem,
  executor: Executor,
  samples: KnownSamples,
  labels: number,
): Promise<readonly Matrix[] | undefined> {
  const errors = await errorSignals(problem, executor, samples);
  if (errors === undefined) return undefined;
  const { rows: known, cols } = samples.cotangents;
  const signals = Array.from({ length: known }, () => matrix(labels, cols));
  try {
    for (let k = 0; k < labels; k++) {
      const all = await errors.at(Float64Array.from({ length: known * labels }, (_, at) => Number(at % labels === k)));
      signals.forEach((ofSample, i) => {
        ofSample.data.set(all.subarray(i * cols, (i + 1) * cols), k * cols);
      });
    }
  } finally {
    await errors.dispose();
  }
  return signals;
}

/** The one label that explains a column, or as many whole ones as do, or a distribution; none where nothing does. */
function labelsOf(column: Float64Array, signals: Matrix, most: number): Float64Array[] {
  const { rows: labels, cols } = signals;
  for (let k = 0; k < labels; k++) {
    const signal = signals.data.subarray(k * cols, (k + 1) * cols);
    if (norm(column.map((value, j) => value - signal[j]!)) <= tolerance * norm(column)) return [oneHot(k, labels)];
  }
  for (let count = 1; count <= most; count++) {
    const weights = combination(column, signals, count);
    if (weights === undefined) continue;
    const whole = weights.map((value) => Math.round(value));
    if (weights.every((value, k) => whole[k]! >= 0 && Math.abs(value - whole[k]!) <= 10 * tolerance)) {
      return Array.from(whole).flatMap((times, k) => Array.from({ length: times }, () => oneHot(k, labels)));
    }
    if (count === 1 && most === 1 && weights.every((value) => value > -tolerance)) return [weights];
  }
  return [];
}

/** Weights of the labels that sum to `count` and explain a column; undefined where none do. */
function combination(
  column: Float64Array,
  { rows: labels, cols, data }: Matrix,
  count: number,
): Float64Array | undefined {
  const scale = norm(data);
  const system = matrix(cols + 1, labels);
  for (let k = 0; k < labels; k++) {
    for (let j = 0; j < cols; j++) system.data[j * labels + k] = data[k * cols + j]!;
    system.data[cols * labels + k] = scale;
  }
  try {
    const { x, residual } = leastSquares(system, [...column, scale * count]);
    return residual <= tolerance * norm(column) ? x : undefined;
  } catch {
    // Several labels have the same signal.
    return undefined;
  }
}

function nearestLabel({ cols, data }: Matrix, i: number, signals: Matrix): Float64Array {
  const column = data.subarray(i * cols, (i + 1) * cols);
  const alike = Array.from({ length: signals.rows }, (_, k) => {
    const signal = signals.data.subarray(k * cols, (k + 1) * cols);
    return innerProduct(column, signal) / norm(signal);
  });
  return oneHot(alike.indexOf(Math.max(...alike)), signals.rows);
}

function oneHot(k: number, labels: number): Float64Array {
  return Float64Array.from({ length: labels }, (_, l) => Number(l === k));
}
