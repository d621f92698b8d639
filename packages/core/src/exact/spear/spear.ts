import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../../linear-algebra/multiply.ts";
import { matrixVector, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { type ExactResult, unitRoundoff } from "../result.ts";
import { type Column, collectColumns, columnOf } from "./collect-columns.ts";
import { columnsOfInputs } from "./columns-of-inputs.ts";
import { type FactoredGradient, factorGradient, type ReluLayer, typicalNoise } from "./factored-gradient.ts";
import { type RemainingSpace, remainingSpace } from "./remaining-space.ts";
import { longSchedule, shortSchedule } from "./schedule.ts";
import { pairProducts, type Starts, sparseColumns } from "./sparse-columns.ts";
import { type Unmixed, unmix } from "./unmix.ts";

export interface SpearOptions {
  /** Number of samples: the numerical rank of [dW | db]. */
  readonly rank: number;
  readonly precision: "float32" | "float64";
  /** Standard deviation of independent noise on every entry; 0 for none. */
  readonly noiseStd?: number;
  readonly product?: MatrixProduct;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  /** Most rounds of the search, 24 by default. */
  readonly rounds?: number;
}

/** After every round. */
export interface SpearProgress {
  readonly rounds: number;
  /** Columns found, of `rank`. */
  readonly columns: number;
}

export interface SpearValue {
  /** One sample a row [r, d]; without a bias only their directions. */
  readonly inputs: Matrix;
  /** Error of every sample at every neuron, ∂ℓ/∂z [r, m]; without a bias, times the length of the input. */
  readonly errors: Matrix;
  /** Neurons that a sample activates, 1 or 0. */
  readonly patterns: readonly Uint8Array[];
}

export interface SpearResult extends ExactResult<SpearValue> {
  /** Set where the layer is too narrow for so many samples, so that no search would find them. */
  readonly undetermined?: boolean;
}

/** Neurons whose error may vanish by chance: none that a sign could contradict without noise. */
const largestContradiction = 1e-3;
/** Rounds without a new column after which the doubtful ones are dropped. */
const mostStalled = 3;
/** Sign of a pre-activation this small is rounding. */
const slack = 1e-6;

/**
 * Every sample behind a linear layer in front of a ReLU, from that layer's gradient alone.
 *
 * A = [dW | db] = Q [X | 1] has rank r, and about half the entries of every column of Q vanish, since the neuron was off. The
 * columns are the sparse vectors of the span of A; each is sought by reweighted least squares that ask its zeros to be a half-space of the layer, and what
 * is found narrows what is left. Neurons that a single sample activates give it without a search.
 *
 * The result is returned only when all columns are found and the sign of every pre-activation agrees with the zeros of its sample's column.
 *
 * @see Dimitrov, Baader, Müller & Vechev, SPEAR: Exact Gradient Inversion of Batches in Federated Learning, NeurIPS 2024; search and deflation are ours.
 */
export async function* spear(layer: ReluLayer, options: SpearOptions): AsyncGenerator<SpearProgress, SpearResult> {
  const { rank, precision, noiseStd = 0, product = plainProduct, rng, signal, rounds = 24 } = options;
  const accuracy = { roundoff: unitRoundoff[precision], noiseStd };
  const factored = await factorGradient(layer, rank, accuracy, product);
  const narrow = tooNarrow(factored);
  if (narrow !== undefined) return { ...failed(narrow), undetermined: true };
  const floor = Math.max(1e-8, 3 * typicalNoise(factored));
  const search = { factored, pairs: pairProducts(factored), floor, nearly: Math.max(1e-6, 10 * floor), product };
  let known: Column[] = rank === 1 ? [columnOf(factored, { q: Float64Array.of(1), zeros: [] })] : [];
  let stalled = 0;
  let ended = `${rounds} rounds are spent`;
  for (let round = 0; round <= rounds; round++) {
    if (signal?.aborted === true) {
      ended = "it was stopped";
      break;
    }
    if (known.length < rank) {
      const before = known.length;
      known = await searchedColumns(search, known, { round, stalled }, rng.split(`round ${round}`));
      stalled = known.length > before ? 0 : stalled + 1;
      if (stalled > mostStalled) [known, stalled] = [withoutDoubtful(known), 0];
    }
    yield { rounds: round, columns: known.length };
    if (known.length < rank) continue;
    const unmixed = unmix(factored, known, slack);
    if (unmixed !== undefined && unmixed.contradiction <= largestContradiction) {
      return solved(factored, layer, known, unmixed);
    }
    known = await agreeingColumns(search, unmixed);
  }
  return failed(`${known.length} of ${rank} columns were found when ${ended}.`);
}

/** What all rounds share. */
interface Search {
  readonly factored: FactoredGradient;
  readonly pairs: Matrix;
  /** Smoothing at the end of a schedule. */
  readonly floor: number;
  /** Size of `rows · q` that counts as nearly zero. */
  readonly nearly: number;
  readonly product: MatrixProduct;
}

/** The known columns and those that one more round finds: first of neurons with a single sample, then by reweighting. */
async function searchedColumns(
  search: Search,
  known: readonly Column[],
  { round, stalled }: { round: number; stalled: number },
  rng: Rng,
): Promise<Column[]> {
  const { factored, pairs, floor, nearly, product } = search;
  const { rank, rows } = factored;
  const space = await remainingSpace(
    factored,
    known.map(({ q }) => q),
    product,
  );
  const left = space.basis.rows;
  const certain = round === 0 ? rows : left === 1 ? space.basis : undefined;
  const ends =
    certain === undefined ? await reweighted() : await columnsOfInputs(factored, pairs, certain, nearly, product);
  return [...known, ...collectColumns(factored, space, known, ends, nearly)];

  async function reweighted(): Promise<Float64Array[]> {
    const scheduleOf = rank <= 24 && round % 2 === 1 ? shortSchedule : longSchedule;
    // The fewer columns are left, the more starts end in each; more are made when that was too few.
    const count = Math.min(Math.max(48, 2 * rank), Math.max(16, 4 * left) * 2 ** stalled);
    const starts = startsIn(space, count, rng);
    const schedule = scheduleOf(1 / Math.sqrt(rank), floor);
    const { data } = await sparseColumns(factored, pairs, space, starts, schedule, product);
    return Array.from({ length: starts.columns.rows }, (_, i) => data.slice(i * rank, (i + 1) * rank));
  }
}

/**
 * The columns that belong to the half-spaces of the unmixed inputs.
 *
 * A mixture of two columns in place of one spoils only the input of the other: its own, the dual, is right, and leads to the column that was missing.
 */
async function agreeingColumns(search: Search, unmixed: Unmixed | undefined): Promise<Column[]> {
  if (unmixed === undefined) return [];
  const { factored, pairs, nearly, product } = search;
  const { rank, values } = factored;
  const duals = matrix(rank, rank);
  for (let i = 0; i < rank; i++) {
    const dual = unmixed.coordinates.data.slice(i * rank, (i + 1) * rank).map((value, k) => value / values[k]!);
    const length = norm(dual);
    duals.data.set(
      dual.map((value) => value / length),
      i * rank,
    );
  }
  const ends = await columnsOfInputs(factored, pairs, duals, nearly, product);
  return collectColumns(factored, await remainingSpace(factored, [], product), [], ends, nearly);
}

/** Three quarters of the columns, without those that vanish at the fewest neurons: a mixture vanishes at fewer than what it is made of. */
function withoutDoubtful(columns: readonly Column[]): Column[] {
  return [...columns].sort((a, b) => b.zeros - a.zeros).slice(0, Math.floor(0.75 * columns.length));
}

function tooNarrow({ rank, neurons }: FactoredGradient): string | undefined {
  // Half the neurons are off for a sample, and r − 1 zeros are met by some mixture without any meaning.
  if (rank === 1 || neurons.length / 2 > 1.2 * (rank - 1)) return undefined;
  return `Only ${neurons.length} neurons have a gradient, too few for ${rank} samples: about half of them are off for a sample, and ${rank - 1} zeros mean nothing.`;
}

function startsIn({ basis }: RemainingSpace, count: number, random: Rng): Starts {
  const rank = basis.cols;
  const normals = (name: string): Matrix => {
    const stream = random.split(name);
    return matrix(
      count,
      basis.rows,
      Float64Array.from({ length: count * basis.rows }, () => stream.normal()),
    );
  };
  const inside = normals("columns");
  const columns = matrix(count, rank);
  for (let i = 0; i < count; i++) {
    const q = columns.data.subarray(i * rank, (i + 1) * rank);
    for (let k = 0; k < basis.rows; k++) {
      for (let l = 0; l < rank; l++) q[l]! += inside.data[i * basis.rows + k]! * basis.data[k * rank + l]!;
    }
    const length = norm(q);
    for (let l = 0; l < rank; l++) q[l]! /= length;
  }
  return { columns, inputs: normals("inputs") };
}

async function solved(
  factored: FactoredGradient,
  { weight }: ReluLayer,
  columns: readonly Column[],
  { coordinates, scales, contradiction }: Unmixed,
): Promise<SpearResult> {
  const { rank, right, rows, lengths, neurons } = factored;
  const inputs = matrix(rank, weight.cols);
  const errors = matrix(rank, weight.rows);
  columns.forEach(({ q, active }, i) => {
    const t = coordinates.data.subarray(i * rank, (i + 1) * rank);
    inputs.data.set(matrixVector(right, t).subarray(0, weight.cols), i * weight.cols);
    matrixVector(rows, q).forEach((value, n) => {
      const j = neurons[n]!;
      if (active[j] === 1) errors.data[i * weight.rows + j] = value * lengths[n]! * scales[i]!;
    });
  });
  return {
    value: { inputs, errors, patterns: columns.map(({ active }) => active) },
    residual: contradiction,
    assumptions: ["weights"],
    reason: `All ${rank} columns were found, and the signs of the pre-activations agree with their zeros.`,
  };
}

function failed(reason: string): SpearResult {
  return { residual: Number.NaN, assumptions: ["weights"], reason };
}
