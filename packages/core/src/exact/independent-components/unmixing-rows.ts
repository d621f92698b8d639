import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";

/** E log cosh(ν) of a standard normal ν. */
const gaussian = 0.3745672;

/** How the rows are searched for. */
export interface UnmixingOptions {
  /** Weight of the departure from a Gaussian, Σ_i (E log cosh s_i − E log cosh ν)²; 0 leaves it out, and with it the fixed point. */
  readonly nonGaussianity: number;
  /** Weight of mean_{i≠j} (exp(T |cos_ij|) − 1). */
  readonly decorrelation: number;
  /** T. */
  readonly temperature: number;
  /** Steps of Adam. */
  readonly steps: number;
  readonly rate: number;
}

/**
 * Unit rows W [B, B] that unmix whitened mixtures Z [B, d], s = W Z: first orthogonal ones by the fixed point of FastICA with g = tanh, then free ones that
 * maximise, by Adam,
 *
 *     nonGaussianity · Σ_i (E log cosh s_i − E log cosh ν)² − decorrelation · mean_{i≠j} (exp(T |⟨w_i, w_j⟩|) − 1)
 *
 * since true inputs are not quite uncorrelated.
 *
 * @see A. Hyvärinen, "Fast and robust fixed-point algorithms for independent component analysis", IEEE Trans. Neural Networks 10 (1999).
 * @see S. Kariyappa et al., "Cocktail Party Attack: Breaking Aggregation-Based Privacy in Federated Learning using Independent Component Analysis", ICML 2023.
 */
export function unmixingRows(whitened: Matrix, start: Matrix, options: UnmixingOptions): Matrix {
  const orthogonal = options.nonGaussianity > 0 ? fixedPoint(whitened, start) : start;
  return freed(whitened, orthogonal, options);
}

function fixedPoint(z: Matrix, start: Matrix): Matrix {
  const n = start.rows;
  let w = nearestOrthogonal(start);
  for (let iteration = 0; iteration < 300; iteration++) {
    const { first, slope } = tanhMoments(multiply(w, z), z);
    const next = nearestOrthogonal(
      matrix(
        n,
        n,
        first.data.map((value, at) => value - slope[Math.floor(at / n)]! * w.data[at]!),
      ),
    );
    let change = 0;
    for (let i = 0; i < n; i++) change = Math.max(change, 1 - Math.abs(innerProduct(rowOf(next, i), rowOf(w, i))));
    w = next;
    if (change < 1e-12) break;
  }
  return w;
}

/** E[tanh(s_i) z] a row, and E[1 − tanh²(s_i)]. */
function tanhMoments(s: Matrix, z: Matrix): { readonly first: Matrix; readonly slope: Float64Array } {
  const bent = matrix(s.rows, s.cols, s.data.map(Math.tanh));
  const first = multiply(bent, z, { transposeB: true });
  const slope = Float64Array.from({ length: s.rows }, (_, i) => {
    const row = rowOf(bent, i);
    return 1 - innerProduct(row, row) / s.cols;
  });
  return {
    first: matrix(
      first.rows,
      first.cols,
      first.data.map((value) => value / s.cols),
    ),
    slope,
  };
}

/** (W Wᵀ)^(−1/2) W, from the singular vectors. */
function nearestOrthogonal(w: Matrix): Matrix {
  const { left, right } = svd(w);
  return multiply(left, transposed(right));
}

function freed(
  z: Matrix,
  start: Matrix,
  { nonGaussianity, decorrelation, temperature, steps, rate }: UnmixingOptions,
): Matrix {
  const n = start.rows;
  const w = matrix(n, n, Float64Array.from(start.data));
  const mean = new Float64Array(n * n);
  const square = new Float64Array(n * n);
  for (let step = 1; step <= steps; step++) {
    const ascent = new Float64Array(n * n);
    if (nonGaussianity > 0) {
      const s = multiply(w, z);
      const { first } = tanhMoments(s, z);
      for (let i = 0; i < n; i++) {
        const departure = logCosh(rowOf(s, i)) - gaussian;
        for (let c = 0; c < n; c++) ascent[i * n + c]! += 2 * nonGaussianity * departure * first.data[i * n + c]!;
      }
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const overlap = innerProduct(rowOf(w, i), rowOf(w, j));
        const slope =
          (2 * decorrelation * temperature * Math.exp(temperature * Math.abs(overlap)) * Math.sign(overlap)) /
          (n * (n - 1));
        for (let c = 0; c < n; c++) ascent[i * n + c]! -= slope * w.data[j * n + c]!;
      }
    }
    for (let at = 0; at < ascent.length; at++) {
      mean[at] = 0.9 * mean[at]! + 0.1 * ascent[at]!;
      square[at] = 0.999 * square[at]! + 0.001 * ascent[at]! ** 2;
      w.data[at]! += (rate * (mean[at]! / (1 - 0.9 ** step))) / (Math.sqrt(square[at]! / (1 - 0.999 ** step)) + 1e-12);
    }
    for (let i = 0; i < n; i++) {
      const row = rowOf(w, i);
      const size = norm(row);
      row.forEach((value, c) => {
        row[c] = value / size;
      });
    }
  }
  return w;
}

/** E log cosh, without overflow. */
function logCosh(s: Float64Array): number {
  return (
    s.reduce((sum, value) => sum + Math.abs(value) + Math.log1p(Math.exp(-2 * Math.abs(value))) - Math.LN2, 0) /
    s.length
  );
}

/** A row, shared with the matrix. */
function rowOf(m: Matrix, i: number): Float64Array {
  return m.data.subarray(i * m.cols, (i + 1) * m.cols);
}
