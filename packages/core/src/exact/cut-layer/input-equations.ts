import type { NdArray } from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { CompiledHead, HeadSignals } from "./compiled-head.ts";
import { type ObservedLayer, observedSums, signalsFor, summed } from "./observed-sums.ts";

/** A cut layer in coordinates of its inputs, with what was observed of it and of the layers behind it. */
export interface CutLayer {
  /** U [m, n]: pre-activations are c Uᵀ. With a bias, [W | b] and (x, 1) in the span of the inputs. */
  readonly weights: Matrix;
  /** The layer's gradient in the same coordinates [m, n]. */
  readonly gradient: Matrix;
  /** Of the head's layers, in their order. */
  readonly behind: readonly ObservedLayer[];
  readonly head: CompiledHead;
  /** Factor on a sample's loss: 1 / B under a mean. */
  readonly scale: number;
  /** Targets of the rows of c [B, ...]. */
  readonly target: NdArray;
}

/** How the equations change when inputs, and what the head makes of them, change. */
export interface InputChange {
  /** dc [B, n]. */
  readonly inputs: Matrix;
  /** dz [B, m]; c's own unless said. */
  readonly preActivations?: Matrix;
}

/** The equations for the inputs c [B, n] of a cut layer. */
export interface InputEquations {
  readonly equations: number;
  /** Model less observation, every sum in units of its norm. */
  residual(c: Matrix): Promise<Float64Array>;
  /** The residual, and its Jacobian by rows of unknowns: Jᵀ [B n, equations]. */
  linearise(c: Matrix): Promise<{ readonly residual: Float64Array; readonly turned: Matrix }>;
  /** J dc at c. */
  along(c: Matrix, change: InputChange): Promise<Float64Array>;
  /** What a vector of equations says of z through the head, at c [B, m]: the adjoint of `along` by pre-activations. */
  back(c: Matrix, equations: Float64Array): Promise<Matrix>;
  /** δ [B, m] at c, in units of the first sum. */
  errors(c: Matrix): Promise<Matrix>;
  /** ‖Σᵢ |rᵢ| |hᵢ|‖ over all sums, in units of their norms: how many times a relative error of the terms is that of the sums. */
  cancellation(c: Matrix): Promise<number>;
}

/**
 * What the gradients of a cut layer and of the layers behind it say of its inputs:
 *
 *     Σᵢ δᵢ cᵢᵀ = G,   Σᵢ rᵢₗ hᵢₗᵀ = dAₗ,   Σᵢ rᵢₗ = daₗ
 *
 * with δ, r and h the signals of the head at z = c Uᵀ and the sample's target.
 */
export function inputEquations(cut: CutLayer): InputEquations {
  const { weights, gradient, behind, head, scale, target } = cut;
  const { sums, equations } = observedSums(gradient, behind);
  const pre = (c: Matrix): Matrix => multiply(c, weights, { transposeB: true });
  const misfit = (c: Matrix, signals: HeadSignals): Float64Array => {
    const result = new Float64Array(equations);
    for (const sum of sums) {
      const model = summed(signalsFor(sum, signals, c), sum.ones);
      for (let i = 0; i < model.length; i++)
        result[sum.start + i] = sum.factor * (scale * model[i]! - sum.observed[i]!);
    }
    return result;
  };
  return {
    equations,
    residual: async (c) => misfit(c, await head.at(pre(c), target)),
    linearise: async (c) => {
      const { rows: samples, cols: n } = c;
      // Every sample once for every direction in which its input may move.
      const copies = repeated(samples, n);
      const z = pre(copies.rowsOf(c));
      const directions = matrix(z.rows, z.cols);
      for (let row = 0; row < z.rows; row++) {
        for (let j = 0; j < z.cols; j++) directions.data[row * z.cols + j] = weights.data[j * n + (row % n)]!;
      }
      const { at, change } = await head.along(z, copies.arrayOf(target), directions);
      const unit = matrix(z.rows, n);
      for (let row = 0; row < z.rows; row++) unit.data[row * n + (row % n)] = 1;
      const [inputs, turned] = [copies.rowsOf(c), matrix(z.rows, equations)];
      for (const sum of sums) {
        const here = signalsFor(sum, at, inputs);
        const moved = signalsFor(sum, change, unit);
        const factor = sum.factor * scale;
        const [outputs, width] = [here.errors.cols, sum.ones ? 1 : here.inputs.cols];
        for (let row = 0; row < z.rows; row++) {
          for (let o = 0, to = row * equations + sum.start; o < outputs; o++) {
            const r = factor * here.errors.data[row * outputs + o]!;
            const dr = factor * moved.errors.data[row * outputs + o]!;
            if (sum.ones) turned.data[to++] = dr;
            else
              for (let l = row * width; l < (row + 1) * width; l++, to++) {
                turned.data[to] = dr * here.inputs.data[l]! + r * moved.inputs.data[l]!;
              }
          }
        }
      }
      return { residual: misfit(c, await head.at(pre(c), target)), turned };
    },
    along: async (c, { inputs, preActivations = pre(inputs) }) => {
      const { at, change } = await head.along(pre(c), target, preActivations);
      const result = new Float64Array(equations);
      for (const sum of sums) {
        const here = signalsFor(sum, at, c);
        const moved = signalsFor(sum, change, inputs);
        const first = summed({ inputs: here.inputs, errors: moved.errors }, sum.ones);
        const second = sum.ones ? undefined : summed({ inputs: moved.inputs, errors: here.errors }, false);
        for (let i = 0; i < first.length; i++) {
          result[sum.start + i] = sum.factor * scale * (first[i]! + (second?.[i] ?? 0));
        }
      }
      return result;
    },
    back: async (c, vector) => {
      const z = pre(c);
      const at = await head.at(z, target);
      let errors = matrix(z.rows, z.cols);
      const layers = at.layers.map(({ inputs, errors: r }) => ({
        inputs: matrix(inputs.rows, inputs.cols),
        errors: matrix(r.rows, r.cols),
      }));
      for (const sum of sums) {
        const here = signalsFor(sum, at, c);
        const [outputs, width] = [here.errors.cols, sum.ones ? 1 : here.inputs.cols];
        const part = matrix(
          outputs,
          width,
          vector.slice(sum.start, sum.start + outputs * width).map((value) => value * sum.factor * scale),
        );
        const ones = matrix(z.rows, 1, new Float64Array(z.rows).fill(1));
        const onErrors = multiply(sum.ones ? ones : here.inputs, part, { transposeB: true });
        if (sum.layer < 0) errors = onErrors;
        else add(layers[sum.layer]!.errors, onErrors);
        if (sum.layer >= 0 && !sum.ones) add(layers[sum.layer]!.inputs, multiply(here.errors, part));
      }
      return head.back(z, target, { errors, layers });
    },
    errors: async (c) => {
      const { errors } = await head.at(pre(c), target);
      return matrix(
        errors.rows,
        errors.cols,
        errors.data.map((value) => value * scale * sums[0]!.factor),
      );
    },
    cancellation: async (c) => {
      const at = await head.at(pre(c), target);
      return norm(
        sums.map((sum) => {
          const { inputs, errors } = signalsFor(sum, at, c);
          const absolute = (a: Matrix): Matrix => matrix(a.rows, a.cols, a.data.map(Math.abs));
          return sum.factor * scale * norm(summed({ inputs: absolute(inputs), errors: absolute(errors) }, sum.ones));
        }),
      );
    },
  };
}

function add(to: Matrix, part: Matrix): void {
  for (let i = 0; i < to.data.length; i++) to.data[i]! += part.data[i]!;
}

/** Rows repeated one after another. */
function repeated(samples: number, times: number): { rowsOf(a: Matrix): Matrix; arrayOf(a: NdArray): NdArray } {
  const copy = (data: ArrayLike<number>, size: number): Float64Array =>
    Float64Array.from({ length: samples * times * size }, (_, at) => {
      const row = Math.floor(at / size);
      return data[Math.floor(row / times) * size + (at - row * size)]!;
    });
  return {
    rowsOf: (a) => matrix(samples * times, a.cols, copy(a.data, a.cols)),
    arrayOf: ({ shape, data }) => ({
      shape: [samples * times, ...shape.slice(1)],
      data: copy(data, data.length / samples),
    }),
  };
}
