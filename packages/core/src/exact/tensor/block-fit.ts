import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { Linearisation } from "../../solvers/levenberg-marquardt.ts";
import type { ActivationFunction } from "./activation-function.ts";

/** A "linear, activation, linear" block, in the span of its inputs or as it is, or some of its neurons: what its gradients say of coordinates c and cotangents r. */
export interface BlockEquations {
  /** uⱼ = Vᵀ wⱼ as rows [n, B]. */
  readonly weights: Matrix;
  /** hⱼ = Vᵀ Gⱼ as rows [n, B]. */
  readonly gradient: Matrix;
  /** A [K, n], the weights behind the activation. */
  readonly outer: Matrix;
  /** dA [K, n]; absent where it was not observed or is not to be used. */
  readonly outerGradient?: Matrix;
  readonly activation: ActivationFunction;
}

/** Weights of the two kinds of equations in a sum of squares. */
export interface EquationWeights {
  readonly gradient: number;
  readonly outer: number;
}

/** Some neurons of a block. */
export function selectNeurons(equations: BlockEquations, chosen: readonly number[]): BlockEquations {
  const rows = (a: Matrix): Matrix => {
    const result = matrix(chosen.length, a.cols);
    chosen.forEach((j, i) => {
      result.data.set(a.data.subarray(j * a.cols, (j + 1) * a.cols), i * a.cols);
    });
    return result;
  };
  const columns = (a: Matrix): Matrix =>
    matrix(
      a.rows,
      chosen.length,
      Float64Array.from({ length: a.rows * chosen.length }, (_, at) => {
        const k = Math.floor(at / chosen.length);
        return a.data[k * a.cols + chosen[at - k * chosen.length]!]!;
      }),
    );
  const { outerGradient } = equations;
  return {
    weights: rows(equations.weights),
    gradient: rows(equations.gradient),
    outer: columns(equations.outer),
    ...(outerGradient && { outerGradient: columns(outerGradient) }),
    activation: equations.activation,
  };
}

/** Weights with which both kinds of equations count by their relative misfit. */
export function relativeWeights({ gradient, outerGradient }: BlockEquations): EquationWeights {
  const inverse = (a: Matrix | undefined): number => (a !== undefined && norm(a.data) > 0 ? 1 / norm(a.data) : 0);
  return { gradient: inverse(gradient), outer: inverse(outerGradient) };
}

/** The block at a point: everything its residuals and their derivatives are made of. */
interface Evaluated {
  readonly c: Matrix;
  readonly r: Matrix;
  /** s, s′ and, where asked for, s″ at uⱼ · cᵢ, [n, B] each. */
  readonly values: readonly Matrix[];
  /** qⱼᵢ = Σₖ Aₖⱼ rᵢₖ. */
  readonly errors: Matrix;
  /** Model less observation: [n, B], and [n, K] of the outer weight. */
  readonly misfit: Matrix;
  readonly outerMisfit?: Matrix;
}

/**
 * The sum of squares that coordinates c [B, n] and cotangents r [B, K], in one vector, leave of a block's gradients; n is B in the span and d outside of it:
 *
 *     Rⱼ = Σᵢ qⱼᵢ s′(uⱼ · cᵢ) cᵢ − hⱼ,   qⱼᵢ = Σₖ Aₖⱼ rᵢₖ;      Eₖⱼ = Σᵢ rᵢₖ s(uⱼ · cᵢ) − dAₖⱼ
 *
 * JᵀJ is put together from one product of (B n + B + B K) columns over the neurons and one of (B n + B), never from J itself.
 */
export function blockFit(
  equations: BlockEquations,
  product: MatrixProduct,
  weight: EquationWeights = relativeWeights(equations),
): { cost(x: Float64Array): Promise<number>; linearise(x: Float64Array): Promise<Linearisation> } {
  const total = (at: Evaluated): number => {
    const square = (a: Matrix | undefined): number => (a === undefined ? 0 : norm(a.data) ** 2);
    return weight.gradient ** 2 * square(at.misfit) + weight.outer ** 2 * square(at.outerMisfit);
  };
  return {
    cost: async (x) => total(await evaluate(equations, x, 1)),
    linearise: async (x) => {
      const at = await evaluate(equations, x, 2);
      return {
        cost: total(at),
        gradient: gradientOf(equations, at, weight),
        normal: await normalOf(equations, at, weight, product),
      };
    },
  };
}

/** ‖model − observation‖ / ‖observation‖ of the first weight's gradient in the span, over all neurons of the equations. */
export async function blockResidual(equations: BlockEquations, x: Float64Array): Promise<number> {
  const { misfit } = await evaluate(equations, x, 1);
  return norm(misfit.data) / norm(equations.gradient.data);
}

async function evaluate(equations: BlockEquations, x: Float64Array, order: number): Promise<Evaluated> {
  const { weights, gradient, outer, outerGradient, activation } = equations;
  const { rows: n, cols: width } = weights;
  const size = x.length / (width + outer.rows);
  const c = matrix(size, width, x.subarray(0, size * width));
  const r = matrix(size, outer.rows, x.subarray(size * width));
  const z = multiply(weights, c, { transposeB: true });
  const values = (await activation(z.data, order)).map((data) => matrix(n, size, data));
  const errors = multiply(outer, r, { transposeA: true, transposeB: true });
  const misfit = difference(multiply(entrywise(errors, values[1]!), c), gradient);
  if (outerGradient === undefined) return { c, r, values, errors, misfit };
  const outerMisfit = difference(multiply(values[0]!, r), transposed(outerGradient));
  return { c, r, values, errors, misfit, outerMisfit };
}

const entrywise = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value, i) => value * b.data[i]!),
  );
const difference = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value, i) => value - b.data[i]!),
  );

/** Jᵀ residual. */
function gradientOf({ weights, outer }: BlockEquations, at: Evaluated, weight: EquationWeights): Float64Array {
  const { c, r, values, errors, misfit, outerMisfit } = at;
  const { rows: size, cols: width } = c;
  const [s, slope, curvature] = values as [Matrix, Matrix, Matrix];
  const result = new Float64Array(size * (width + r.cols));
  const accumulate = (part: Matrix, factor: number, start: number): void => {
    for (let i = 0; i < part.data.length; i++) result[start + i]! += factor * part.data[i]!;
  };
  const squared = weight.gradient ** 2;
  const along = multiply(misfit, c, { transposeB: true });
  accumulate(multiply(entrywise(entrywise(errors, curvature), along), weights, { transposeA: true }), squared, 0);
  accumulate(multiply(entrywise(errors, slope), misfit, { transposeA: true }), squared, 0);
  const shared = multiply(entrywise(slope, along), outer, { transposeA: true, transposeB: true });
  accumulate(shared, squared, size * width);
  if (outerMisfit !== undefined) {
    const outerSquared = weight.outer ** 2;
    const pulled = entrywise(slope, multiply(outerMisfit, r, { transposeB: true }));
    accumulate(multiply(pulled, weights, { transposeA: true }), outerSquared, 0);
    accumulate(multiply(s, outerMisfit, { transposeA: true }), outerSquared, size * width);
  }
  return result;
}

/** JᵀJ, both triangles. */
async function normalOf(
  { weights, outer }: BlockEquations,
  at: Evaluated,
  weight: EquationWeights,
  product: MatrixProduct,
): Promise<Matrix> {
  const { c, r, values, errors, outerMisfit } = at;
  const { rows: size, cols: width } = c;
  const outputs = r.cols;
  const [s, slope, curvature] = values as [Matrix, Matrix, Matrix];
  const first = columnsOf(entrywise(errors, curvature), weights);
  const bent = await gram([first, entrywise(errors, slope), columnsOf(slope, transposed(outer))], product);
  const unknowns = size * (width + outputs);
  const normal = matrix(unknowns, unknowns);
  const directions = multiply(c, c, { transposeB: true });
  const [y, b] = [0, size * width];
  const g = b + size;
  const w = bent.cols;
  const squared = weight.gradient ** 2;
  const entry = (i: number, j: number): number => bent.data[i * w + j]!;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < width; k++) {
      const row = i * width + k;
      for (let i2 = 0; i2 < size; i2++) {
        const overlap = directions.data[i * size + i2]!;
        for (let k2 = 0; k2 < width; k2++) {
          const col = i2 * width + k2;
          normal.data[row * unknowns + col] =
            squared *
            (entry(y + row, y + col) * overlap +
              entry(y + row, b + i2) * c.data[i * width + k2]! +
              entry(y + col, b + i) * c.data[i2 * width + k]! +
              (k === k2 ? entry(b + i, b + i2) : 0));
        }
        for (let o = 0; o < outputs; o++) {
          const col = i2 * outputs + o;
          const value = squared * (entry(y + row, g + col) * overlap + entry(g + col, b + i) * c.data[i2 * width + k]!);
          normal.data[row * unknowns + b + col] = value;
          normal.data[(b + col) * unknowns + row] = value;
        }
      }
    }
    for (let o = 0; o < outputs; o++) {
      for (let i2 = 0; i2 < size; i2++) {
        const overlap = directions.data[i * size + i2]!;
        for (let o2 = 0; o2 < outputs; o2++) {
          const [row, col] = [i * outputs + o, i2 * outputs + o2];
          normal.data[(b + row) * unknowns + b + col] = squared * entry(g + row, g + col) * overlap;
        }
      }
    }
  }
  if (outerMisfit === undefined) return normal;
  addOuter(normal, await gram([columnsOf(slope, weights), s], product), r, weight.outer ** 2);
  return normal;
}

/** The part of JᵀJ that the outer weight's gradient contributes: its residuals Eₖⱼ depend on c through s′ u and on r through s. */
function addOuter(normal: Matrix, products: Matrix, r: Matrix, factor: number): void {
  const { rows: size, cols: outputs } = r;
  const between = multiply(r, r, { transposeB: true });
  const unknowns = normal.cols;
  const width = unknowns / size - outputs;
  const b = size * width;
  const entry = (i: number, j: number): number => factor * products.data[i * products.cols + j]!;
  for (let i = 0; i < size; i++) {
    for (let i2 = 0; i2 < size; i2++) {
      for (let k = 0; k < width; k++) {
        const row = i * width + k;
        for (let k2 = 0; k2 < width; k2++) {
          const col = i2 * width + k2;
          normal.data[row * unknowns + col]! += entry(row, col) * between.data[i * size + i2]!;
        }
        for (let o = 0; o < outputs; o++) {
          const col = b + i2 * outputs + o;
          const value = entry(row, b + i2) * r.data[i * outputs + o]!;
          normal.data[row * unknowns + col]! += value;
          normal.data[col * unknowns + row]! += value;
        }
      }
      for (let o = 0; o < outputs; o++) {
        normal.data[(b + i * outputs + o) * unknowns + b + i2 * outputs + o]! += entry(b + i, b + i2);
      }
    }
  }
}

/** aⱼᵢ bⱼₖ as columns (i, k): [n, cols(a) · cols(b)]. */
function columnsOf(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows, a.cols * b.cols);
  for (let j = 0, at = 0; j < a.rows; j++) {
    for (let i = 0; i < a.cols; i++) {
      const factor = a.data[j * a.cols + i]!;
      for (let k = 0; k < b.cols; k++, at++) result.data[at] = factor * b.data[j * b.cols + k]!;
    }
  }
  return result;
}

/** SᵀS for S with the given blocks side by side. */
async function gram(blocks: readonly Matrix[], product: MatrixProduct): Promise<Matrix> {
  const rows = blocks[0]!.rows;
  const cols = blocks.reduce((total, { cols: width }) => total + width, 0);
  const joined = matrix(rows, cols);
  let start = 0;
  for (const part of blocks) {
    for (let j = 0; j < rows; j++) {
      joined.data.set(part.data.subarray(j * part.cols, (j + 1) * part.cols), j * cols + start);
    }
    start += part.cols;
  }
  return product(joined, joined, { transposeA: true });
}
