import { choleskySolve, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import { type BlockEquations, relativeWeights } from "./block-fit.ts";

/** Cotangents r [P, K] of given inputs and the relative misfit they leave. */
export interface CotangentFit {
  readonly cotangents: Matrix;
  readonly residual: number;
}

/** With more unknowns than this, the outer weight's gradient alone is fitted, which needs only P × P systems. */
const mostUnknowns = 400;

/**
 * Least squares for the cotangents of given inputs, in which both gradients of a block are linear.
 *
 * @param inputs coordinates c of P inputs in the span as rows [P, B]; more than there are samples, where some are alternatives.
 */
export async function fitCotangents(equations: BlockEquations, inputs: Matrix): Promise<CotangentFit> {
  const { weights, gradient, outer, outerGradient, activation } = equations;
  const count = inputs.rows;
  const outputs = outer.rows;
  const joint = outerGradient === undefined || count * outputs <= mostUnknowns;
  const weight = relativeWeights(equations);
  const z = multiply(weights, inputs, { transposeB: true });
  const [s, slope] = (await activation(z.data, 1)).map((data) => matrix(z.rows, count, data)) as [Matrix, Matrix];
  const spread = joint ? outputs : 1;
  const n = count * spread;
  const normal = matrix(n, n);
  const right = matrix(count, outputs);
  let whole = 0;
  if (joint) {
    const columns = errorColumns(slope, outer);
    const products = multiply(columns, columns, { transposeA: true });
    const overlap = multiply(inputs, inputs, { transposeB: true });
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const shared = overlap.data[Math.floor(i / outputs) * count + Math.floor(j / outputs)]!;
        normal.data[i * n + j] = weight.gradient ** 2 * products.data[i * n + j]! * shared;
      }
    }
    const along = multiply(gradient, inputs, { transposeB: true });
    const pulled = matrix(
      along.rows,
      count,
      along.data.map((value, i) => value * slope.data[i]!),
    );
    add(right, multiply(pulled, outer, { transposeA: true, transposeB: true }), weight.gradient ** 2);
    whole += weight.gradient ** 2 * norm(gradient.data) ** 2;
  }
  if (outerGradient !== undefined) {
    const products = multiply(s, s, { transposeA: true });
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        for (let o = 0; o < spread; o++) {
          normal.data[(i * spread + o) * n + j * spread + o]! += weight.outer ** 2 * products.data[i * count + j]!;
        }
      }
    }
    add(right, multiply(s, outerGradient, { transposeA: true, transposeB: true }), weight.outer ** 2);
    whole += weight.outer ** 2 * norm(outerGradient.data) ** 2;
  }
  const found = await ridgedCholesky(normal, 1e-12, { product: plainProduct });
  if (found === undefined) return { cotangents: matrix(count, outputs), residual: 1 };
  const cotangents = joint
    ? matrix(count, outputs, choleskySolve(found.factor, right.data))
    : byColumns(right, (column) => choleskySolve(found.factor, column));
  const explained = innerProduct(cotangents.data, right.data);
  return { cotangents, residual: Math.sqrt(Math.max(whole - explained, 0) / whole) };
}

/** s′ⱼᵢ Aₖⱼ as columns (i, k). */
function errorColumns(slope: Matrix, outer: Matrix): Matrix {
  const { rows, cols: count } = slope;
  const result = matrix(rows, count * outer.rows);
  for (let j = 0, at = 0; j < rows; j++) {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < outer.rows; k++, at++) {
        result.data[at] = slope.data[j * count + i]! * outer.data[k * rows + j]!;
      }
    }
  }
  return result;
}

function add(target: Matrix, part: Matrix, factor: number): void {
  for (let i = 0; i < target.data.length; i++) target.data[i]! += factor * part.data[i]!;
}

function byColumns(a: Matrix, solve: (column: Float64Array) => Float64Array): Matrix {
  const result = matrix(a.rows, a.cols);
  for (let k = 0; k < a.cols; k++) {
    const solved = solve(Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + k]!));
    for (let i = 0; i < a.rows; i++) result.data[i * a.cols + k] = solved[i]!;
  }
  return result;
}
