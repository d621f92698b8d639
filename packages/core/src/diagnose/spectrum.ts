import { Matrix as DenseMatrix, EigenvalueDecomposition } from "ml-matrix";
import { innerProduct } from "../linear-algebra/vector.ts";
import type { Rng } from "../random.ts";

/** Singular values as pairs [how many are larger, value], descending. */
export type SpectrumPoints = readonly (readonly [number, number])[];

/** An estimate of the singular values of J from a few products with JᵀJ. */
export interface SpectrumEstimate {
  /** From below, and close after a few steps. */
  readonly largest: number;
  /** From above: the smallest singular value is at most this. */
  readonly smallest: number;
  /** A staircase through the whole spectrum: where it lies between, not each value. */
  readonly points: SpectrumPoints;
  readonly products: number;
}

/**
 * Extreme singular values and the shape of the spectrum of J, by Lanczos on JᵀJ from a random start with full reorthogonalisation.
 *
 * The Ritz values θ of the Krylov space are the nodes of a Gauss quadrature of the spectral density, and the squared first components of their vectors
 * its weights, so that n · weight counts the singular values near √θ. Below 1e-8 of the largest a value is not told from zero.
 *
 * @param multiply v ↦ JᵀJ v in dimension n.
 * @param steps products; at most n.
 * @see G. H. Golub, G. Meurant, "Matrices, Moments and Quadrature with Applications", 2010, chapter 4; Lin, Saad & Yang, SIAM Review 58 (2016), 3.2.
 */
export async function estimateSpectrum(
  multiply: (v: Float64Array) => Promise<Float64Array>,
  n: number,
  steps: number,
  rng: Rng,
  signal?: AbortSignal,
): Promise<SpectrumEstimate> {
  const basis: Float64Array[] = [unit(Float64Array.from({ length: n }, () => rng.normal()))];
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (let step = 0; step < Math.min(steps, n); step++) {
    signal?.throwIfAborted();
    const product = await multiply(basis[step]!);
    diagonal.push(innerProduct(product, basis[step]!));
    // Twice is enough to keep the basis orthonormal to rounding.
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) {
        const overlap = innerProduct(earlier, product);
        for (let i = 0; i < n; i++) product[i]! -= overlap * earlier[i]!;
      }
    }
    const length = Math.sqrt(innerProduct(product, product));
    // Nothing left: the Krylov space is invariant, and its Ritz values are eigenvalues.
    if (!(length > Number.EPSILON * Math.max(...diagonal.map(Math.abs)))) break;
    beside.push(length);
    basis.push(unit(product));
  }
  return fromTridiagonal(diagonal, beside, n);
}

function fromTridiagonal(diagonal: readonly number[], beside: readonly number[], n: number): SpectrumEstimate {
  const k = diagonal.length;
  const t = DenseMatrix.zeros(k, k);
  for (let i = 0; i < k; i++) {
    t.set(i, i, diagonal[i]!);
    if (i + 1 < k) {
      t.set(i, i + 1, beside[i]!);
      t.set(i + 1, i, beside[i]!);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(t, { assumeSymmetric: true });
  const ritz = realEigenvalues
    .map((theta, i) => ({ value: Math.sqrt(Math.max(0, theta)), weight: eigenvectorMatrix.get(0, i) ** 2 }))
    .sort((a, b) => b.value - a.value);
  let larger = 0;
  const points = ritz.map(({ value, weight }): readonly [number, number] => {
    // Between the values before this node and those up to it; the middle is the best guess.
    const at = Math.min(n - 1, Math.floor((larger + weight / 2) * n));
    larger += weight;
    return [at, value];
  });
  return { largest: ritz[0]!.value, smallest: ritz.at(-1)!.value, points, products: k };
}

function unit(v: Float64Array): Float64Array {
  const length = Math.sqrt(innerProduct(v, v));
  return v.map((entry) => entry / length);
}

/** At most `most` of all singular values, the ends among them and as many of each decade of the index as of the next. */
export function thinned(values: ArrayLike<number>, most = 64): SpectrumPoints {
  const n = values.length;
  if (n <= most) return Array.from(values, (value, k) => [k, value] as const);
  const indices = new Set<number>([0, n - 1]);
  const half = most / 2;
  for (let k = 0; k < half; k++) {
    indices.add(Math.round((k / half) * (n - 1)));
    // The end falls fastest, so it is shown finer.
    indices.add(n - 1 - Math.round((n - 1) ** (k / half) - 1));
  }
  return [...indices].sort((a, b) => a - b).map((k) => [k, values[k]!] as const);
}
