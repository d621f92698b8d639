import type { NdArray } from "@recon/engine";
import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { CompiledHead, HeadSignals } from "./compiled-head.ts";
import { changedSums, type ObservedLayer, observedSums, signalsFor, sumMisfits, summed } from "./observed-sums.ts";
import { rowsOf } from "./rows.ts";

/** A cut layer in coordinates of its inputs, with what was observed of it and of the layers behind it. */
export interface CutLayer {
  /** U [m, n]: pre-activations are c Uᵀ. With a bias, [W | b] and (x, 1) in the span of the inputs. */
  readonly weights: Matrix;
  /** The layer's gradient in the same coordinates [m, n]. */
  readonly gradient: Matrix;
  /** Outputs of the layer whose rows of the gradient are looked at, ascending; all unless said. */
  readonly neurons?: readonly number[];
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
  /** dz [B, m] that does not come from dc; none unless said. */
  readonly preActivations?: Matrix;
}

/** The equations for the inputs c [B, n] of a cut layer. */
export interface InputEquations {
  readonly equations: number;
  /** Model less observation, every sum in units of its norm. */
  residual(c: Matrix): Promise<Float64Array>;
  /** The residual, and its Jacobian along directions N [n, f] of every sample, by rows of unknowns: Jᵀ [B f, equations]. */
  linearise(c: Matrix, directions: Matrix): Promise<{ readonly residual: Float64Array; readonly turned: Matrix }>;
  /** J dc at c. */
  along(c: Matrix, change: InputChange): Promise<Float64Array>;
  /** Jᵀ times a vector of equations, by what `along` moves. */
  back(c: Matrix, equations: Float64Array): Promise<Required<InputChange>>;
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
  const { weights, gradient, behind, head, scale, target, neurons } = cut;
  const observed = observedSums(neurons === undefined ? gradient : rowsOf(gradient, neurons), behind);
  const { sums, equations } = observed;
  const pre = (c: Matrix): Matrix => multiply(c, weights, { transposeB: true });
  const misfit = (c: Matrix, signals: HeadSignals): Float64Array => sumMisfits(observed, signals, c, scale, neurons);
  return {
    equations,
    residual: async (c) => misfit(c, await head.at(pre(c), target)),
    linearise: async (c, directions) => {
      const samples = c.rows;
      if (directions.cols === 0)
        return { residual: misfit(c, await head.at(pre(c), target)), turned: matrix(0, equations) };
      // Every sample once for every direction in which its input may move.
      const copies = repeated(samples, directions.cols);
      const inputs = copies.rowsOf(c);
      const moves = cycled(transposed(directions), samples);
      const steps = cycled(multiply(directions, weights, { transposeA: true, transposeB: true }), samples);
      const z = copies.rowsOf(pre(c));
      const { at, change } = await head.along(z, copies.arrayOf(target), steps);
      const turned = changedSums(observed, { at, change }, { inputs, moves }, scale, neurons);
      return { residual: misfit(c, await head.at(pre(c), target)), turned };
    },
    along: async (c, { inputs, preActivations }) => {
      const step = pre(inputs);
      if (preActivations !== undefined) add(step, preActivations);
      const { at, change } = await head.along(pre(c), target, step);
      const result = new Float64Array(equations);
      for (const sum of sums) {
        const here = signalsFor(sum, at, c, neurons);
        const moved = signalsFor(sum, change, inputs, neurons);
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
      const errors = matrix(z.rows, z.cols);
      const inputs = matrix(c.rows, c.cols);
      const layers = at.layers.map((one) => ({
        inputs: matrix(one.inputs.rows, one.inputs.cols),
        errors: matrix(one.errors.rows, one.errors.cols),
      }));
      const ones = matrix(z.rows, 1, new Float64Array(z.rows).fill(1));
      for (const sum of sums) {
        const here = signalsFor(sum, at, c, neurons);
        const to = sum.layer < 0 ? { inputs, errors } : layers[sum.layer]!;
        const [outputs, width] = [here.errors.cols, sum.ones ? 1 : here.inputs.cols];
        const factor = sum.factor * scale;
        const part = matrix(
          outputs,
          width,
          vector.slice(sum.start, sum.start + outputs * width).map((value) => value * factor),
        );
        const onErrors = multiply(sum.ones ? ones : here.inputs, part, { transposeB: true });
        addColumns(to.errors, onErrors, sum.layer < 0 ? neurons : undefined);
        if (!sum.ones) add(to.inputs, multiply(here.errors, part));
      }
      const preActivations = await head.back(z, target, { errors, layers });
      add(inputs, multiply(preActivations, weights));
      return { inputs, preActivations };
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
          const { inputs, errors } = signalsFor(sum, at, c, neurons);
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

/** Adds columns, to those of the given indices where there are any. */
function addColumns(to: Matrix, part: Matrix, columns: readonly number[] | undefined): void {
  if (columns === undefined) {
    add(to, part);
    return;
  }
  for (let i = 0; i < part.rows; i++) {
    columns.forEach((j, at) => {
      to.data[i * to.cols + j]! += part.data[i * part.cols + at]!;
    });
  }
}

/** All rows of a matrix, several times over. */
function cycled(a: Matrix, times: number): Matrix {
  const result = matrix(times * a.rows, a.cols);
  for (let i = 0; i < times; i++) result.data.set(a.data, i * a.data.length);
  return result;
}

/** Every row several times, one after another. */
function repeated(samples: number, times: number): { rowsOf(a: Matrix): Matrix; arrayOf(a: NdArray): NdArray } {
  const copy = (data: Float64Array, size: number): Float64Array => {
    const result = new Float64Array(samples * times * size);
    for (let row = 0; row < samples * times; row++) {
      const from = Math.floor(row / times) * size;
      result.set(data.subarray(from, from + size), row * size);
    }
    return result;
  };
  return {
    rowsOf: (a) => matrix(samples * times, a.cols, copy(a.data, a.cols)),
    arrayOf: ({ shape, data }) => ({
      shape: [samples * times, ...shape.slice(1)],
      data: copy(Float64Array.from(data), data.length / samples),
    }),
  };
}
