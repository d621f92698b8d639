import { choleskySolve, inverseIteration, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { BoundedBlock } from "./bounded-block.ts";
import { boundedFit } from "./bounded-fit.ts";

/** How well the entries that are known determine a batch near a point. */
export interface KnownJacobian {
  /** B d inputs and B errors. */
  readonly unknowns: number;
  /** Of `unknowns`, those that the Jacobian determines. */
  readonly rank: number;
  /** A lower bound on its smallest singular value. */
  readonly smallestSingularValue: number;
}

/**
 * The Jacobian of the known entries alone in all inputs and errors at a point: entries that are merely bounded say nothing about a neighbourhood.
 *
 * σ_min² ≥ τ is shown by a Cholesky factor of JᵀJ − τ I, up to the rounding 8 ε tr(JᵀJ), which is subtracted; where there is none the rank counts as
 * deficient.
 */
export async function knownJacobian(
  block: BoundedBlock,
  point: Float64Array,
  product: MatrixProduct,
): Promise<KnownJacobian> {
  const { normal } = await boundedFit(block, product, { intervals: false }).linearise(point);
  const free = block.biased ? withoutBias(normal, block.weight.cols) : full(normal);
  const unknowns = free.rows;
  const deficient: KnownJacobian = { unknowns, rank: unknowns - 1, smallestSingularValue: 0 };
  let trace = 0;
  for (let p = 0; p < unknowns; p++) trace += free.data[p * unknowns + p]!;
  const margin = 8 * Number.EPSILON * trace;
  const factored = await ridgedCholesky(copy(free), 0, { product });
  if (factored === undefined) return deficient;
  const above = inverseIteration((b) => choleskySolve(factored.factor, b), unknowns, 4);
  for (const share of [0.9, 0.5, 0.1]) {
    const shift = share * above;
    if (!(shift > 2 * margin)) return deficient;
    const shifted = copy(free);
    for (let p = 0; p < unknowns; p++) shifted.data[p * unknowns + p]! -= shift;
    if ((await ridgedCholesky(shifted, 0, { product })) !== undefined) {
      return { unknowns, rank: unknowns, smallestSingularValue: Math.sqrt(shift - margin) };
    }
  }
  return deficient;
}

const copy = (a: Matrix): Matrix => matrix(a.rows, a.cols, a.data.slice());

/** The lower triangle, mirrored. */
function full({ rows: n, data }: Matrix): Matrix {
  const result = matrix(n, n);
  for (let p = 0; p < n; p++) {
    for (let q = 0; q <= p; q++) result.data[p * n + q] = result.data[q * n + p] = data[p * n + q]!;
  }
  return result;
}

/** Without the rows and columns of the bias coordinates, which are no unknowns. */
function withoutBias(normal: Matrix, width: number): Matrix {
  const n = normal.rows;
  const size = n / (width + 1);
  const kept = Array.from({ length: n }, (_, p) => p).filter((p) => p >= size * width || p % width !== width - 1);
  const result = matrix(kept.length, kept.length);
  const mirrored = full(normal);
  kept.forEach((p, a) => {
    kept.forEach((q, b) => {
      result.data[a * kept.length + b] = mirrored.data[p * n + q]!;
    });
  });
  return result;
}
