import type { NdArray } from "@recon/engine";
import { matrixOf } from "../../linear-algebra/matrix.ts";
import { matrixVector } from "../../linear-algebra/vector.ts";
import type { ExactResult } from "../result.ts";
import type { RecursionLayer } from "./recursion.ts";

/**
 * A head whose gradients dW = δ hᵀ, db = δ of one sample lack entries, with these filled in: surviving entries of db and dW give entries of h by
 * division, those give more of δ, and so on. Under softmax cross-entropy one surviving row is enough: once h is complete,
 *
 *     δ = softmax(W h + b) − y
 *
 * with y the class of the most negative entry of db, which survives any pruning by magnitude that leaves an entry.
 *
 * @param head a linear layer with a bias; `usable` and `biasUsable` say which entries survived.
 * @param softmax whether the loss is softmax cross-entropy.
 * @returns the head without gaps, or why they stay; residual: the largest misfit of a surviving entry, of the largest.
 */
export function completedHead(head: RecursionLayer, softmax: boolean): ExactResult<RecursionLayer> {
  const assumptions = ["weights", "mask", "batchSize", ...(softmax ? ["lossKind"] : [])];
  const fail = (reason: string): ExactResult<RecursionLayer> => ({ residual: Number.NaN, assumptions, reason });
  const { weight, bias, weightGradient, biasGradient, usable, biasUsable, ...rest } = head;
  if (biasGradient === undefined) return fail(`The head ${head.name} has no bias gradient.`);
  const [rows, cols] = [weight.shape[0]!, weight.data.length / weight.shape[0]!];
  const survives = (o: number, j: number): boolean => usable?.[o * cols + j] !== 0;
  const errors = Float64Array.from(biasGradient.data, (value, o) => (biasUsable?.[o] === 0 ? Number.NaN : value));
  const inputs = new Float64Array(cols).fill(Number.NaN);
  for (let found = -1, before = -2; found > before; ) {
    before = found;
    solveFor(inputs, errors, (j, o) => (survives(o, j) ? weightGradient.data[o * cols + j]! : undefined));
    solveFor(errors, inputs, (o, j) => (survives(o, j) ? weightGradient.data[o * cols + j]! : undefined));
    found = [...inputs, ...errors].filter((value) => !Number.isNaN(value)).length;
  }
  const open = inputs.filter((value) => Number.isNaN(value)).length;
  if (open > 0) return fail(`No surviving entry of ${head.name} says anything about ${open} of its ${cols} inputs.`);
  if (softmax) {
    const z = matrixVector(matrixOf(weight), inputs).map((value, o) => value + (bias?.data[o] ?? 0));
    const label = errors.reduce((best, value, o) => (value < (errors[best] ?? 0) ? o : best), -1);
    if (label < 0)
      return fail(`No surviving entry of the bias gradient of ${head.name} is negative, so the class is open.`);
    errors.set(softmaxOf(z).map((p, o) => p - (o === label ? 1 : 0)));
  }
  const unknown = errors.filter((value) => Number.isNaN(value)).length;
  if (unknown > 0) return fail(`Nothing of ${unknown} of the ${rows} rows of ${head.name} survived.`);
  let [misfit, largest] = [0, 0];
  const filled = Float64Array.from(weightGradient.data, (value, at) => {
    const [o, j] = [Math.floor(at / cols), at % cols];
    const product = errors[o]! * inputs[j]!;
    if (survives(o, j)) {
      misfit = Math.max(misfit, Math.abs(product - value));
      largest = Math.max(largest, Math.abs(value));
    }
    return product;
  });
  const array = (like: NdArray, data: Float64Array): NdArray => ({ shape: like.shape, data });
  return {
    value: {
      ...rest,
      weight,
      ...(bias !== undefined && { bias }),
      weightGradient: array(weightGradient, filled),
      biasGradient: array(biasGradient, errors),
    },
    residual: misfit / largest,
    assumptions,
    reason: `Filled the gaps of ${head.name} by its rank of one.`,
  };
}

/** Least squares for the entries of one factor of an outer product that are NaN, from what is known of the other and of the product. */
function solveFor(
  unknown: Float64Array,
  known: Float64Array,
  product: (unknown: number, known: number) => number | undefined,
): void {
  for (let i = 0; i < unknown.length; i++) {
    if (!Number.isNaN(unknown[i]!)) continue;
    let [overlap, square] = [0, 0];
    for (let j = 0; j < known.length; j++) {
      const value = product(i, j);
      if (value === undefined || Number.isNaN(known[j]!)) continue;
      overlap += value * known[j]!;
      square += known[j]! ** 2;
    }
    if (square > 0) unknown[i] = overlap / square;
  }
}

function softmaxOf(z: Float64Array): Float64Array {
  const largest = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
