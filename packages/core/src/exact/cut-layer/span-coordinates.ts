import { identityMatrix, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";

/** Free coordinates of inputs in their span: c = origin + N q, with the last entry of V c, the bias's, at 1. */
export interface SpanCoordinates {
  /** N [n, free], orthonormal. */
  readonly directions: Matrix;
  /** ‖origin‖, the least length that an input can have; 1 where nothing says it. */
  readonly length: number;
  /** c [B, n] from q, flat [B, free]. */
  inputsOf(q: Float64Array, samples: number): Matrix;
  /** The nearest q to c [B, n]. */
  of(c: Matrix): Float64Array;
}

/**
 * Coordinates of inputs in the span of V [D, n].
 *
 * @param biased whether the last of the D entries stands for the bias and is 1 for every input.
 */
export function spanCoordinates({ rows, cols: n, data }: Matrix, biased: boolean): SpanCoordinates {
  const unit = data.subarray((rows - 1) * n);
  const square = biased ? innerProduct(unit, unit) : 1;
  const origin = Float64Array.from({ length: n }, (_, k) => (biased ? unit[k]! / square : 0));
  const directions = biased ? orthogonalTo(unit) : identityMatrix(n);
  const free = directions.cols;
  return {
    directions,
    length: biased ? norm(origin) : 1,
    inputsOf: (q, samples) => {
      const c = multiply(matrix(samples, free, q), directions, { transposeB: true });
      for (let i = 0; i < c.data.length; i++) c.data[i]! += origin[i % n]!;
      return c;
    },
    of: (c) => {
      const rest = matrix(
        c.rows,
        n,
        c.data.map((value, i) => value - origin[i % n]!),
      );
      return multiply(rest, directions).data;
    },
  };
}

/** Orthonormal columns [n, n − 1] orthogonal to a vector, each close to a unit vector: small coordinates stay apart from large ones. */
function orthogonalTo(vector: ArrayLike<number>): Matrix {
  const n = vector.length;
  const largest = Array.from({ length: n }, (_, k) => k).reduce((a, b) =>
    Math.abs(vector[b]!) > Math.abs(vector[a]!) ? b : a,
  );
  const columns = [...Array(n).keys()].filter((k) => k !== largest);
  const start = matrix(n, n);
  for (let k = 0; k < n; k++) start.data[k * n] = vector[k]!;
  columns.forEach((k, at) => {
    start.data[k * n + at + 1] = 1;
  });
  const { q } = qr(start);
  return matrix(
    n,
    n - 1,
    Float64Array.from({ length: n * (n - 1) }, (_, at) => q.data[Math.floor(at / (n - 1)) * n + (at % (n - 1)) + 1]!),
  );
}
