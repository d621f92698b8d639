import { fromLayers } from "../../exact/recursion/from-layers.ts";
import { appendColumn, type Matrix, matrix, matrixOf } from "../../linear-algebra/matrix.ts";
import type { Problem } from "../../problem.ts";
import { traceModel } from "../model-layers.ts";

/** A net of linear layers with (leaky) ReLUs between them: zₗ = Wₗ aₗ₋₁, aₗ = max(zₗ, slope zₗ). */
export interface DenseNet {
  /** [W₁ | b₁]: rows act on a sample with a 1 behind it; a column of zeros where there is no bias. */
  readonly first: Matrix;
  readonly biased: boolean;
  /** W₂ … W_L [out, in], those of the decision f with one row at the end. */
  readonly later: readonly Matrix[];
  /** Slope on the negative side behind W₁ … W_{L−1}. */
  readonly slopes: readonly number[];
}

/** A trained net as a chain of matrices, from its released weights; or why it is none. */
export function denseNet({ model, params }: Problem): DenseNet | { readonly reason: string } {
  const chain = fromLayers({ ...traceModel(model), params, gradient: params });
  if ("reason" in chain) return chain;
  const layers = chain.layers;
  const other = layers.find(({ kind }) => kind !== "linear");
  if (other !== undefined) return { reason: `layer ${other.name} is a convolution` };
  const bent = layers.slice(0, -1).find(({ activation }) => slopeOf(activation) === undefined);
  if (bent !== undefined) return { reason: `the ${bent.activation.name} after layer ${bent.name} is no ReLU` };
  const [head, ...rest] = layers;
  const { weight, bias } = head!;
  const weights = matrixOf(weight);
  return {
    first: appendColumn(weights, bias?.data ?? new Float64Array(weights.rows)),
    biased: bias !== undefined,
    later: rest.map((layer, i) =>
      i === rest.length - 1 ? decisionRow(matrixOf(layer.weight)) : matrixOf(layer.weight),
    ),
    slopes: layers.slice(0, -1).map(({ activation }) => slopeOf(activation)!),
  };
}

function slopeOf({ name, slope }: { readonly name: string; readonly slope?: number }): number | undefined {
  if (name === "relu") return 0;
  return name === "leakyRelu" ? slope : undefined;
}

/** The row of f: the only one, or the second less the first. */
function decisionRow(weights: Matrix): Matrix {
  if (weights.rows === 1) return weights;
  const { cols, data } = weights;
  return matrix(
    1,
    cols,
    Float64Array.from({ length: cols }, (_, j) => data[cols + j]! - data[j]!),
  );
}

/** Values of f for samples [n, d], by plain loops. */
export function decisions(net: DenseNet, samples: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(samples, (sample) => {
    const { first, later, slopes } = net;
    let values = rowsTimes(first, [...Array.from(sample), 1]);
    later.forEach((weights, l) => {
      values = rowsTimes(
        weights,
        values.map((z) => (z > 0 ? z : slopes[l]! * z)),
      );
    });
    return values[0]!;
  });
}

function rowsTimes({ rows, cols, data }: Matrix, x: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let total = 0;
    for (let j = 0; j < cols; j++) total += data[i * cols + j]! * x[j]!;
    return total;
  });
}
