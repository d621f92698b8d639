/** Softmax and its logarithm over the last axis, as ops of their own so that they stay stable in every derivative. */
import type { Op, Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { sum } from "./shape.ts";
import { mapTangent } from "./tangent.ts";
import { exp } from "./unary.ts";

/** Applies f to every row along the last axis, in place. */
function mapRows(x: Float64Array, width: number, f: (row: Float64Array) => void): Float64Array {
  const result = Float64Array.from(x);
  for (let start = 0; start < result.length; start += width) f(result.subarray(start, start + width));
  return result;
}

function logSumExp(row: Float64Array): number {
  const top = Math.max(...row);
  let total = 0;
  for (const value of row) total += Math.exp(value - top);
  return top + Math.log(total);
}

const softmaxOp: Op = {
  name: "softmax",
  vjp: (node, cotangent) => {
    const weighted = mul(node, cotangent);
    return [sub(weighted, mul(node, sum(weighted, [-1], true)))];
  },
  // The Jacobian diag(p) − p pᵀ is its own transpose.
  jvp: (node, [x]) =>
    mapTangent(x, (t) => {
      const weighted = mul(node, t);
      return sub(weighted, mul(node, sum(weighted, [-1], true)));
    }),
  evaluate: (node, [x]) =>
    mapRows(x!, node.shape.at(-1)!, (row) => {
      const total = logSumExp(row);
      for (let i = 0; i < row.length; i++) row[i] = Math.exp(row[i]! - total);
    }),
  lower: (_node, inputs, emit) => emit.node("Softmax", inputs, { axis: { int: -1 } }),
};

/** pₖ = exp(xₖ) / Σⱼ exp(xⱼ) over the last axis. */
export function softmax(x: Tensor): Tensor {
  return { op: softmaxOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}

const logSoftmaxOp: Op = {
  name: "logSoftmax",
  vjp: (node, cotangent) => [sub(cotangent, mul(exp(node), sum(cotangent, [-1], true)))],
  jvp: (node, [x]) => mapTangent(x, (t) => sub(t, sum(mul(exp(node), t), [-1], true))),
  evaluate: (node, [x]) =>
    mapRows(x!, node.shape.at(-1)!, (row) => {
      const total = logSumExp(row);
      for (let i = 0; i < row.length; i++) row[i]! -= total;
    }),
  lower: (_node, inputs, emit) => emit.node("LogSoftmax", inputs, { axis: { int: -1 } }),
};

/** xₖ − log Σⱼ exp(xⱼ) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return { op: logSoftmaxOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}
