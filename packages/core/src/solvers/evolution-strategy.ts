import { ReconError } from "../errors.ts";
import { matrix } from "../linear-algebra/matrix.ts";
import { svd } from "../linear-algebra/svd.ts";
import type { Rng } from "../random.ts";

export interface EvolutionOptions {
  /** f at a population of points, in order; NaN or an infinity ranks last. */
  readonly score: (points: readonly Float64Array[]) => Promise<readonly number[]>;
  /** Mean of the first population. */
  readonly start: Float64Array;
  /** Standard deviation of its coordinates. */
  readonly spread: number;
  /** Points a generation λ; 4 + ⌊3 ln n⌋ unless said. */
  readonly population?: number;
  readonly generations: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

export interface Generation {
  readonly generation: number;
  /** The best point so far and its score. */
  readonly best: Float64Array;
  readonly value: number;
  readonly evaluations: number;
  /** Present step size. */
  readonly spread: number;
}

/**
 * Gradient-free minimisation by covariance matrix adaptation, (μ/μ_w, λ)-CMA-ES with the constants of the tutorial; yields after every generation.
 *
 * @throws ReconError `bad-option` for a population below 4 or a spread that is not positive.
 * @see N. Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772, 2016, figure 6 and table 1.
 */
export async function* evolutionStrategy(options: EvolutionOptions): AsyncGenerator<Generation, void> {
  const n = options.start.length;
  const { population = 4 + Math.floor(3 * Math.log(n)), generations, rng, signal, score } = options;
  if (!Number.isSafeInteger(population) || population < 4) {
    throw new ReconError("bad-option", `Option "population" must be a whole number of at least 4, not ${population}.`);
  }
  if (!(options.spread > 0)) {
    throw new ReconError("bad-option", `Option "spread" must be a number above 0, not ${options.spread}.`);
  }
  const rates = ratesOf(n, population);
  const { weights, effective, cSigma, dSigma, cC, c1, cMu, expectedLength } = rates;
  let mean = options.start.slice();
  let spread = options.spread;
  let pathSigma = new Float64Array(n);
  let pathC = new Float64Array(n);
  const covariance = matrix(n, n);
  for (let i = 0; i < n; i++) covariance.data[i * n + i] = 1;
  let best = mean;
  let value = Number.POSITIVE_INFINITY;
  for (let generation = 1; generation <= generations && !signal?.aborted; generation++) {
    // A covariance is symmetric and positive, so that its singular vectors are its eigenvectors.
    const { values, right: vectors } = svd(covariance);
    const roots = Float64Array.from(values, (v) => Math.sqrt(Math.max(v, 1e-20)));
    const turned = (z: Float64Array, scale: (i: number) => number): Float64Array => {
      const result = new Float64Array(n);
      for (let j = 0; j < n; j++) {
        const along = z[j]! * scale(j);
        for (let i = 0; i < n; i++) result[i] = result[i]! + vectors.data[i * n + j]! * along;
      }
      return result;
    };
    const steps = Array.from({ length: population }, () =>
      turned(
        Float64Array.from({ length: n }, () => rng.normal()),
        (j) => roots[j]!,
      ),
    );
    const points = steps.map((step) => mean.map((m, i) => m + spread * step[i]!));
    const scores = (await score(points)).map((s) => (Number.isFinite(s) ? s : Number.POSITIVE_INFINITY));
    if (signal?.aborted) return;
    const order = scores.map((_, k) => k).sort((a, b) => scores[a]! - scores[b]!);
    if (scores[order[0]!]! < value) {
      value = scores[order[0]!]!;
      best = points[order[0]!]!;
    }
    const chosen = weights.map((_, k) => steps[order[k]!]!);
    const step = mean.map((_, i) => weights.reduce((total, w, k) => total + w * chosen[k]![i]!, 0));
    mean = mean.map((m, i) => m + spread * step[i]!);
    const whitened = turned(transposed(vectors.data, step), (j) => 1 / roots[j]!);
    const keepSigma = Math.sqrt(cSigma * (2 - cSigma) * effective);
    pathSigma = pathSigma.map((p, i) => (1 - cSigma) * p + keepSigma * whitened[i]!);
    const length = Math.hypot(...pathSigma);
    const still = length / Math.sqrt(1 - (1 - cSigma) ** (2 * generation)) < (1.4 + 2 / (n + 1)) * expectedLength;
    const keepC = still ? Math.sqrt(cC * (2 - cC) * effective) : 0;
    pathC = pathC.map((p, i) => (1 - cC) * p + keepC * step[i]!);
    const decay = 1 - c1 - cMu + (still ? 0 : c1 * cC * (2 - cC));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const rankMu = weights.reduce((total, w, k) => total + w * chosen[k]![i]! * chosen[k]![j]!, 0);
        covariance.data[i * n + j] = decay * covariance.data[i * n + j]! + c1 * pathC[i]! * pathC[j]! + cMu * rankMu;
      }
    }
    spread *= Math.exp((cSigma / dSigma) * (length / expectedLength - 1));
    yield { generation, best, value, evaluations: generation * population, spread };
  }
}

/** Vᵀ x for V row-major. */
function transposed(v: ArrayLike<number>, x: Float64Array): Float64Array {
  const n = x.length;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[j] = result[j]! + v[i * n + j]! * x[i]!;
  return result;
}

/** Recombination weights and learning rates, table 1 of the tutorial, without negative weights. */
function ratesOf(n: number, population: number) {
  const parents = Math.floor(population / 2);
  const raw = Array.from({ length: parents }, (_, k) => Math.log((population + 1) / 2) - Math.log(k + 1));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / total);
  const effective = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const cSigma = (effective + 2) / (n + effective + 5);
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + cSigma;
  const cC = (4 + effective / n) / (n + 4 + (2 * effective) / n);
  const c1 = 2 / ((n + 1.3) ** 2 + effective);
  const cMu = Math.min(1 - c1, (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective));
  const expectedLength = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  return { weights, effective, cSigma, dSigma, cC, c1, cMu, expectedLength };
}
