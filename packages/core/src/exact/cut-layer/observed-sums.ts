import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { HeadSignals, LayerSignals } from "./compiled-head.ts";
import { columnsOf } from "./rows.ts";

/** Gradients of a linear layer behind the cut, as they were observed: dA [K, F], and its bias's [K]; what is absent was not sent. */
export interface ObservedLayer {
  readonly gradient?: Matrix;
  readonly biasGradient?: Float64Array;
}

/** A product of sums over the batch, Σᵢ rᵢ hᵢᵀ, and what was observed of it; `ones` where h is 1, as for a bias. */
interface Sum {
  readonly observed: Float64Array;
  /** Index of the layer behind the cut; −1 for the cut layer itself. */
  readonly layer: number;
  readonly ones: boolean;
  readonly start: number;
  /** 1 / ‖observed‖: every sum counts by its relative misfit. */
  readonly factor: number;
}

/** The sums that the gradients are, laid out in one vector of equations. */
export interface ObservedSums {
  readonly sums: readonly Sum[];
  readonly equations: number;
}

/** Lays out the gradient of a cut layer [m, n] and of those behind it. */
export function observedSums(gradient: Matrix, behind: readonly ObservedLayer[]): ObservedSums {
  const parts = [
    { observed: gradient.data, layer: -1, ones: false },
    ...behind.flatMap(({ gradient: weight, biasGradient }, layer) => [
      ...(weight === undefined ? [] : [{ observed: weight.data, layer, ones: false }]),
      ...(biasGradient === undefined ? [] : [{ observed: biasGradient, layer, ones: true }]),
    ]),
  ];
  let equations = 0;
  const sums = parts.map((part): Sum => {
    const size = norm(part.observed);
    const start = equations;
    equations += part.observed.length;
    return { ...part, start, factor: size > 0 ? 1 / size : 1 };
  });
  return { sums, equations };
}

/** Inputs and errors whose products make up a sum; of the cut layer those of the chosen neurons, where only some are looked at. */
export function signalsFor(
  { layer }: Pick<Sum, "layer">,
  { errors, layers }: HeadSignals,
  inputs: Matrix,
  neurons?: readonly number[],
): LayerSignals {
  if (layer >= 0) return layers[layer]!;
  return { inputs, errors: neurons === undefined ? errors : columnsOf(errors, neurons) };
}

/** Σᵢ rᵢ hᵢᵀ, or Σᵢ rᵢ, flat. */
export function summed({ inputs, errors }: LayerSignals, ones: boolean): Float64Array {
  if (!ones) return multiply(errors, inputs, { transposeA: true }).data;
  return multiply(matrix(1, errors.rows, new Float64Array(errors.rows).fill(1)), errors).data;
}

/**
 * Rows of Jᵀ, one for each change of the signals of one sample: what it does to every sum, r ⊗ dh + dr ⊗ h, in units of the sum's norm.
 *
 * @param at signals [N, ·] before each of the changes, and `change` how they change.
 * @param inputs of the cut layer [N, n], and `moves` how they change.
 * @returns [N, equations].
 */
export function changedSums(
  { sums, equations }: ObservedSums,
  { at, change }: { readonly at: HeadSignals; readonly change: HeadSignals },
  { inputs, moves }: { readonly inputs: Matrix; readonly moves: Matrix },
  scale: number,
  neurons?: readonly number[],
): Matrix {
  const turned = matrix(inputs.rows, equations);
  for (const sum of sums) {
    const here = signalsFor(sum, at, inputs, neurons);
    const moved = signalsFor(sum, change, moves, neurons);
    const factor = sum.factor * scale;
    const [outputs, width] = [here.errors.cols, sum.ones ? 1 : here.inputs.cols];
    for (let row = 0; row < inputs.rows; row++) {
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
  return turned;
}

/** Model less observation of every sum, in units of its norm. */
export function sumMisfits(
  { sums, equations }: ObservedSums,
  signals: HeadSignals,
  inputs: Matrix,
  scale: number,
  neurons?: readonly number[],
): Float64Array {
  const result = new Float64Array(equations);
  for (const sum of sums) {
    const model = summed(signalsFor(sum, signals, inputs, neurons), sum.ones);
    for (let i = 0; i < model.length; i++) result[sum.start + i] = sum.factor * (scale * model[i]! - sum.observed[i]!);
  }
  return result;
}
