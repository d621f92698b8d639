import { block, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { orthonormalColumns, type QrFactors } from "../../linear-algebra/qr.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { solveLower, solveUpper } from "../../linear-algebra/triangular.ts";
import { innerProduct, matrixVector, norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import type { InputEquations } from "./input-equations.ts";
import type { SpanCoordinates } from "./span-coordinates.ts";

/** Inputs at which the sensitivity is asked for. */
export interface SensitivityPoint {
  readonly equations: InputEquations;
  readonly coordinates: SpanCoordinates;
  /** c [B, n]. */
  readonly inputs: Matrix;
  /** V [D, n] and the layer's weight [W | b] [m, D]. */
  readonly basis: Matrix;
  readonly weight: Matrix;
  readonly biased: boolean;
  readonly rng: Rng;
  /** Where the Jacobian is factored; plain loops unless given. */
  readonly product?: MatrixProduct;
}

/** What an error of the gradients does to the inputs that are read off them. */
export interface InputSensitivity {
  /** ‖dX‖_F for an error of norm 1, at worst; every sum of the gradients in units of its own norm. Infinite where the inputs are not determined. */
  readonly gain: number;
  /** How many times the relative rounding of the terms is that of the sums. */
  readonly cancellation: number;
  /** ‖X − x̄‖_F, or ‖X‖_F for one sample: what tells the samples apart. */
  readonly spread: number;
}

const steps = 20;

/**
 * The norm of the map from errors of the gradients to errors of the inputs, dX = L e, to first order and for the estimate that reads the span off first:
 *
 *     L = [J⁺  −J⁺ J_b Δ⁺;  0  Δ⁺]
 *
 * An error outside the span of the inputs moves it by b = Δ⁺ e_b, Δ = [δᵢ]; what that does to the equations in the span, J_b b, and their own error
 * e_a are answered by coordinates a = J⁺ (e_a − J_b b). L is a left inverse of the gradients' whole Jacobian, so 1 / ‖L‖ is a lower bound on its σ_min.
 * The norm is found by power iteration on L Lᵀ, without the D − n columns of J_b for every sample.
 */
export async function inputSensitivity(point: SensitivityPoint): Promise<InputSensitivity> {
  const { equations, coordinates, inputs: c, basis, weight, biased, rng } = point;
  // The 1 that stands for the bias tells nothing apart, and is no part of an input's size either.
  const spread = spreadOf(block(multiply(c, basis, { transposeB: true }), 0, 0, c.rows, basis.rows - Number(biased)));
  const cancellation = await equations.cancellation(c);
  const none = { gain: Number.POSITIVE_INFINITY, cancellation, spread };
  const free = c.rows * coordinates.directions.cols;
  if (equations.equations < free || weight.rows < c.rows) return none;
  const { turned } = await equations.linearise(c, coordinates.directions);
  const { q, r } = await factors(transposed(turned), point.product ?? plainProduct);
  const errors = svd(transposed(await equations.errors(c)));
  const smallest = Math.min(
    ...Array.from({ length: r.cols }, (_, k) => r.data[k * r.cols + k]!),
    errors.values.at(-1)!,
  );
  if (!(smallest > 0)) return none;
  const map = inverseMap(point, { q, r, errors });
  const random = rng.split("sensitivity");
  let a: Float64Array = Float64Array.from({ length: r.cols }, () => random.normal());
  let b = map.outside(
    matrix(
      c.rows,
      basis.rows,
      Float64Array.from({ length: c.rows * basis.rows }, () => random.normal()),
    ),
  );
  let gain = 0;
  for (let step = 0; step < steps; step++) {
    const size = Math.hypot(norm(a), norm(b.data));
    const back = await map.adjoint(
      a.map((value) => value / size),
      scaled(b, 1 / size),
    );
    // ‖Lᵀ v‖ of a unit vector v is at most ‖L‖, and grows towards it.
    const found = Math.hypot(norm(back.inside), norm(back.outside.data));
    const settled = found < 1.01 * gain;
    gain = Math.max(gain, found);
    if (settled && step > 4) break;
    const next = await map.apply(back);
    [a, b] = [next.a, next.b];
  }
  return { gain, cancellation, spread };
}

interface Factors extends QrFactors {
  readonly errors: ReturnType<typeof svd>;
}

/** The thin QR of a tall matrix by large products: R = Qᵀ A, of which the upper triangle is read. */
async function factors(a: Matrix, product: MatrixProduct): Promise<QrFactors> {
  const q = await orthonormalColumns(a, product);
  return { q, r: await product(q, a, { transposeA: true }) };
}

/** Errors in the span's equations, and outside of it as rows of what the errors' left vectors see [B, D]. */
interface GradientError {
  readonly inside: Float64Array;
  readonly outside: Matrix;
}

/** L and Lᵀ. */
function inverseMap(
  { equations, inputs: c, basis, weight, biased }: SensitivityPoint,
  { q, r, errors: { values, right } }: Factors,
) {
  const [samples, d] = [c.rows, basis.rows];
  const unit = basis.data.subarray((d - 1) * basis.cols);
  const square = innerProduct(unit, unit);
  const outside = (x: Matrix): Matrix => {
    const inside = multiply(multiply(x, basis), basis, { transposeB: true });
    return matrix(
      x.rows,
      d,
      x.data.map((value, at) => value - inside.data[at]!),
    );
  };
  const inverseValues = (x: Matrix): Matrix =>
    matrix(
      x.rows,
      d,
      x.data.map((value, at) => value / values[Math.floor(at / d)]!),
    );
  /** The bias's entry stays 1: coordinates make up for what a change outside the span does to it. */
  const balance = (b: Matrix): Matrix =>
    matrix(
      samples,
      basis.cols,
      Float64Array.from({ length: samples * basis.cols }, (_, at) => {
        const i = Math.floor(at / basis.cols);
        return biased ? (-b.data[i * d + d - 1]! * unit[at - i * basis.cols]!) / square : 0;
      }),
    );
  return {
    outside,
    apply: async ({
      inside,
      outside: rows,
    }: GradientError): Promise<{ readonly a: Float64Array; readonly b: Matrix }> => {
      const b = multiply(right, inverseValues(rows));
      const moved = await equations.along(c, {
        inputs: balance(b),
        preActivations: multiply(b, weight, { transposeB: true }),
      });
      const rest = inside.map((value, k) => value - moved[k]!);
      return { a: solveUpper(r, transposedMatrixVector(q, rest)), b };
    },
    adjoint: async (a: Float64Array, b: Matrix): Promise<GradientError> => {
      const inside = matrixVector(q, solveLower(transposed(r), a));
      const { inputs: byCoordinates, preActivations } = await equations.back(c, inside);
      const pulled = multiply(preActivations, weight);
      for (let i = 0; i < samples && biased; i++) {
        const row = byCoordinates.data.subarray(i * basis.cols, (i + 1) * basis.cols);
        pulled.data[i * d + d - 1]! -= innerProduct(row, unit) / square;
      }
      const rest = outside(
        matrix(
          samples,
          d,
          b.data.map((value, at) => value - pulled.data[at]!),
        ),
      );
      return { inside, outside: inverseValues(multiply(right, rest, { transposeA: true })) };
    },
  };
}

const scaled = (a: Matrix, by: number): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value) => value * by),
  );

/** ‖X − x̄‖_F; ‖X‖_F for one row. */
function spreadOf({ rows, cols, data }: Matrix): number {
  if (rows === 1) return norm(data);
  const mean = new Float64Array(cols);
  data.forEach((value, at) => {
    mean[at % cols]! += value / rows;
  });
  return norm(data.map((value, at) => value - mean[at % cols]!));
}
