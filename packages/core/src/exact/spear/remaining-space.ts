import { choleskySolve, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import type { FactoredGradient } from "./factored-gradient.ts";

/** What is left to look for once the columns of some samples are known, k samples being left. */
export interface RemainingSpace {
  /** Orthonormal basis N of the complement of the known q [k, r]: the duals S⁻¹ t of the other samples lie in it. */
  readonly basis: Matrix;
  /** Pre-activations of the inputs that are left, A S Nᵀ for A = [W | b] V [m, k]. */
  readonly layer: Matrix;
  /** (layerᵀ layer + ridge)⁻¹ layerᵀ, transposed [m, k]: the input that fits a pattern best. */
  readonly fit: Matrix;
}

/** Of the mean squared column: enough to keep a fit to a rough pattern from using directions that hardly show. */
const ridge = 1e-3;

/** Deflation by exact algebra: the dual of a sample is orthogonal to the columns of all others, tᵢᵀ S⁻¹ qₖ = 0. */
export async function remainingSpace(
  { rank, layer, values }: FactoredGradient,
  known: readonly Float64Array[],
  product: MatrixProduct,
): Promise<RemainingSpace> {
  const basis = complement(known, rank);
  const inputs = matrix(
    basis.rows,
    rank,
    basis.data.map((value, at) => value * values[at % rank]!),
  );
  const within = await product(layer, inputs, { transposeB: true });
  const k = basis.rows;
  const gram = await product(within, within, { transposeA: true });
  const ridged = await ridgedCholesky(gram, ridge, { product });
  const fit = matrix(within.rows, k);
  // A layer without weights fits nothing.
  if (ridged !== undefined) {
    for (let j = 0; j < within.rows; j++) {
      fit.data.set(choleskySolve(ridged.factor, within.data.subarray(j * k, (j + 1) * k)), j * k);
    }
  }
  return { basis, layer: within, fit };
}

/** Orthonormal basis of the complement of independent vectors [dimension − count, dimension]. */
export function complement(vectors: readonly Float64Array[], dimension: number): Matrix {
  const basis: Float64Array[] = [];
  for (const vector of vectors) extend(basis, vector);
  const taken = basis.length;
  while (basis.length < dimension) {
    // The axis that sticks out of the span most: its rest is at least 1 / √dimension long.
    let furthest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < dimension; k++) {
      const inside = basis.reduce((sum, b) => sum + b[k]! * b[k]!, 0);
      if (inside < least) [least, furthest] = [inside, k];
    }
    extend(
      basis,
      Float64Array.from({ length: dimension }, (_, k) => (k === furthest ? 1 : 0)),
    );
  }
  const rest = basis.slice(taken);
  return matrix(
    rest.length,
    dimension,
    rest.flatMap((b) => Array.from(b)),
  );
}

/** Appends what of a unit vector is orthogonal to a basis, scaled to length 1; false where nothing is left. */
export function extend(basis: Float64Array[], vector: Float64Array, least = 1e-9): boolean {
  const rest = vector.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const b of basis) {
      const overlap = innerProduct(b, rest);
      for (let k = 0; k < rest.length; k++) rest[k]! -= overlap * b[k]!;
    }
  }
  const length = norm(rest);
  if (!(length > least)) return false;
  basis.push(rest.map((value) => value / length));
  return true;
}
