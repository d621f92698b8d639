import { matrix } from "../linear-algebra/matrix.ts";
import { innerProduct, matrixVector, norm } from "../linear-algebra/vector.ts";
import type { Rng } from "../random.ts";
import type { Column } from "./spear/collect-columns.ts";
import { type FactoredGradient, typicalNoise } from "./spear/factored-gradient.ts";
import { unmix } from "./spear/unmix.ts";
import { type Vanishing, vanishingVector } from "./spear/vanishing.ts";

export interface SparseColumnsOptions {
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  /** Draws of r − 1 neurons, 20,000 unless said. */
  readonly draws?: number;
}

/** Draws between two looks at whether enough columns were found, and after how many of these without a new one the search ends. */
const round = 200;
const idleRounds = 5;
/** Columns kept besides the best, to exchange for them. */
const mostCandidates = 200;
/** Cosine from which two columns are one. */
const same = 1 - 1e-9;
/** Residual of a unit vector in the span of others from which it adds a direction. */
const independent = 1e-6;

/**
 * The inputs behind a factored sum of gradients, Σₜ Δₜᵀ [X | 1] = Q [X | 1], by the zeros of Q alone: a neuron that a sample left off at every step has none of its errors.
 *
 * Over several steps the neurons that are on change, so that the zeros are no half-space of the layer and only their number tells columns from mixtures: r − 1
 * neurons drawn at random fix a column in which all of them vanish, and one in which many more do is kept, most zeros first.
 *
 * @returns coordinates t of every input, [x | 1] = V t; undefined where fewer than r independent columns were found.
 * @see Dimitrov, Baader, Müller & Vechev, SPEAR: Exact Gradient Inversion of Batches in Federated Learning, NeurIPS 2024, for one step.
 */
export function sparseColumns(
  factored: FactoredGradient,
  { rng, signal, draws = 20_000 }: SparseColumnsOptions,
): { readonly coordinates: Float64Array } | undefined {
  const { rank, rows } = factored;
  const nearly = Math.max(1e-8, 10 * typicalNoise(factored));
  let pool: Vanishing[] = rank === 1 ? [{ q: Float64Array.of(1), zeros: [] }] : [];
  let chosen = pool;
  for (let [drawn, idle] = [0, 0]; rank > 1 && drawn < draws && idle < idleRounds; drawn += round) {
    if (signal?.aborted) return undefined;
    const before = zerosOf(chosen);
    for (let k = 0; k < round; k++) {
      const vector = nullVector(factored, rng.permutation(rows.rows).slice(0, rank - 1), rng);
      // Few rows fix a vector only about; the rows at which it nearly vanishes fix it well, and show the others that belong to them.
      const first = vector && vanishingVector(factored, vector, nearly);
      const vanishing = first && vanishingVector(factored, first.q, nearly);
      if (vanishing === undefined) continue;
      if (!pool.some(({ q }) => Math.abs(innerProduct(q, vanishing.q)) > same)) pool.push(vanishing);
    }
    // Of what was found before, the best independent ones are all that the best of everything can hold.
    chosen = independentOf(pool, rank);
    const others = pool.filter((one) => !chosen.includes(one)).sort((x, y) => y.zeros.length - x.zeros.length);
    pool = [...chosen, ...others.slice(0, mostCandidates)];
    idle = zerosOf(chosen) > before || chosen.length < rank ? 0 : idle + 1;
  }
  return chosen.length < rank ? undefined : agreeing(factored, chosen, pool);
}

interface Inputs {
  readonly coordinates: Float64Array;
  /** Neurons that an input turns on at the first step although its column vanishes there: none for the right columns. */
  readonly contradictions: number;
}

/**
 * The inputs of the chosen columns, with columns exchanged for others as long as that takes contradictions away: a mixture of two columns in place of one
 * spoils the input of the other.
 */
function agreeing(
  factored: FactoredGradient,
  chosen: readonly Vanishing[],
  pool: readonly Vanishing[],
): { readonly coordinates: Float64Array } | undefined {
  let columns = chosen;
  let best = inputsOf(factored, columns);
  for (let step = 0; step < 2 * factored.rank && (best?.contradictions ?? 1) > 0; step++) {
    let better: { readonly columns: readonly Vanishing[]; readonly inputs: Inputs } | undefined;
    for (let place = 0; place < columns.length; place++) {
      for (const other of pool) {
        if (columns.includes(other)) continue;
        const exchanged = columns.map((column, i) => (i === place ? other : column));
        const inputs = inputsOf(factored, exchanged);
        const least = better?.inputs.contradictions ?? best?.contradictions ?? Number.POSITIVE_INFINITY;
        if (inputs !== undefined && inputs.contradictions < least) better = { columns: exchanged, inputs };
      }
    }
    if (better === undefined) break;
    columns = better.columns;
    best = better.inputs;
  }
  return best;
}

function inputsOf(factored: FactoredGradient, columns: readonly Vanishing[]): Inputs | undefined {
  const { rank, layer, neurons } = factored;
  const blank = columns.map(({ q, zeros }): Column => ({ q, zeros: zeros.length, active: new Uint8Array() }));
  const unmixed = unmix(factored, blank, 0);
  if (unmixed === undefined) return undefined;
  let contradictions = 0;
  columns.forEach(({ zeros }, i) => {
    const z = matrixVector(layer, unmixed.coordinates.data.subarray(i * rank, (i + 1) * rank));
    const slack = (1e-6 * norm(z)) / Math.sqrt(z.length);
    for (const row of zeros) if (z[neurons[row]!]! > slack) contradictions++;
  });
  return { coordinates: unmixed.coordinates.data, contradictions };
}

const zerosOf = (columns: readonly Vanishing[]): number => columns.reduce((sum, { zeros }) => sum + zeros.length, 0);

/** Up to r independent vectors, those with the most zeros first. */
function independentOf(all: readonly Vanishing[], rank: number): Vanishing[] {
  const found = [...all].sort((a, b) => b.zeros.length - a.zeros.length);
  const basis: Float64Array[] = [];
  const chosen: Vanishing[] = [];
  for (const one of found) {
    if (chosen.length === rank) break;
    const rest = one.q.slice();
    for (const b of basis) {
      const share = innerProduct(rest, b);
      for (let i = 0; i < rest.length; i++) rest[i]! -= share * b[i]!;
    }
    const length = norm(rest);
    if (length < independent) continue;
    basis.push(rest.map((value) => value / length));
    chosen.push(one);
  }
  return chosen;
}

/** The unit vector on which r − 1 rows vanish: what is left of a drawn vector without them; undefined where little is. */
function nullVector({ rows, rank }: FactoredGradient, picked: readonly number[], rng: Rng): Float64Array | undefined {
  const basis = matrix(picked.length, rank);
  picked.forEach((row, i) => {
    basis.data.set(rows.data.subarray(row * rank, (row + 1) * rank), i * rank);
  });
  const project = (v: Float64Array, known: number): void => {
    for (let twice = 0; twice < 2; twice++) {
      for (let i = 0; i < known; i++) {
        const b = basis.data.subarray(i * rank, (i + 1) * rank);
        const share = innerProduct(v, b);
        for (let k = 0; k < rank; k++) v[k]! -= share * b[k]!;
      }
    }
  };
  for (let i = 0; i < picked.length; i++) {
    const b = basis.data.subarray(i * rank, (i + 1) * rank);
    project(b, i);
    const length = norm(b);
    if (length < independent) return undefined;
    for (let k = 0; k < rank; k++) b[k]! /= length;
  }
  const q = Float64Array.from({ length: rank }, () => rng.normal());
  project(q, picked.length);
  const length = norm(q);
  return length < independent ? undefined : q.map((value) => value / length);
}
