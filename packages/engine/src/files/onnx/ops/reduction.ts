/** Reductions over axes, which are an attribute in older opsets and an input in newer ones. */
import { add, div, neg, square, sub } from "../../../ops/arithmetic.ts";
import { abs, toFloat, toInt } from "../../../ops/compare.ts";
import { argMax, argMin } from "../../../ops/discrete.ts";
import { max, mean } from "../../../ops/reduce.ts";
import { reshape, sum } from "../../../ops/shape.ts";
import { cumulativeSum } from "../../../ops/stride.ts";
import { exp, log, sqrt } from "../../../ops/unary.ts";
import type { Tensor } from "../../../tensor.ts";
import { axisOf, type Call, type OpEntry, type Translate } from "../call.ts";

type Reduce = (x: Tensor, axes: readonly number[], keep: boolean) => Tensor;

/** The axes of a reduction, ascending; none given means all, or none at all where the node says so. */
function axesOf(call: Call, rank: number): readonly number[] {
  const given = call.optional(1) === undefined ? call.ints("axes") : call.numbers(1, "the axes");
  if (given === undefined || given.length === 0) {
    return call.int("noop_with_empty_axes", 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  return [...new Set(given.map((axis) => axisOf(call, axis, rank)))].sort((a, b) => a - b);
}

const reduction =
  (reduce: Reduce): Translate =>
  (call) => {
    const x = call.input(0);
    if (x.dtype === "bool") throw call.error("onnx-dtype", "truth values cannot be reduced; cast them first.");
    const axes = axesOf(call, x.shape.length);
    const result = reduce(toFloat(x), axes, call.int("keepdims", 1) === 1);
    return x.dtype === "int" ? toInt(result) : result;
  };

const logSumExp: Reduce = (x, axes, keep) => {
  const top = max(x, axes, true);
  const total = log(sum(exp(sub(x, top)), axes, true));
  const result = add(total, top);
  return keep
    ? result
    : reshape(
        result,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
};

/** Σ over all positions up to one's own. */
function runningSum(call: Call): Tensor {
  const x = call.input(0);
  const axis = axisOf(call, call.numbers(1, "the axis")[0] ?? 0, x.shape.length);
  const options = { exclusive: call.int("exclusive", 0) === 1, reverse: call.int("reverse", 0) === 1 };
  const total = cumulativeSum(toFloat(x), axis, options);
  return x.dtype === "int" ? toInt(total) : total;
}

/** Position of the largest or smallest element; of equals the first. */
const position =
  (find: (x: Tensor, axis: number) => Tensor): Translate =>
  (call) => {
    const x = toFloat(call.input(0));
    if (call.int("select_last_index", 0) === 1) {
      throw call.error("onnx-unsupported-variant", "of equal elements only the first can be found.");
    }
    const axis = axisOf(call, call.int("axis", 0), x.shape.length);
    const found = find(x, axis);
    const kept = x.shape.map((extent, i) => (i === axis ? 1 : extent));
    return call.int("keepdims", 1) === 1 ? reshape(found, kept) : found;
  };

/** Reductions. */
export const reductions: readonly OpEntry[] = [
  { name: "ReduceSum", since: 1, translate: reduction(sum) },
  { name: "ReduceMean", since: 1, translate: reduction(mean) },
  { name: "ReduceMax", since: 1, translate: reduction(max) },
  { name: "ReduceMin", since: 1, translate: reduction((x, axes, keep) => neg(max(neg(x), axes, keep))) },
  { name: "ReduceL1", since: 1, translate: reduction((x, axes, keep) => sum(abs(x), axes, keep)) },
  { name: "ReduceL2", since: 1, translate: reduction((x, axes, keep) => sqrt(sum(square(x), axes, keep))) },
  { name: "ReduceSumSquare", since: 1, translate: reduction((x, axes, keep) => sum(square(x), axes, keep)) },
  { name: "ReduceLogSum", since: 1, translate: reduction((x, axes, keep) => log(sum(x, axes, keep))) },
  { name: "ReduceLogSumExp", since: 1, translate: reduction(logSumExp) },
  { name: "CumSum", since: 11, limits: "axis known at import", translate: runningSum },
  { name: "ArgMax", since: 1, translate: position(argMax) },
  { name: "ArgMin", since: 1, translate: position(argMin) },
  {
    name: "GlobalAveragePool",
    since: 1,
    translate: (call) => overSpace(call, mean),
  },
  { name: "GlobalMaxPool", since: 1, translate: (call) => overSpace(call, max) },
  {
    name: "LpNormalization",
    since: 1,
    translate: (call) => {
      const x = call.input(0);
      const axis = axisOf(call, call.int("axis", -1), x.shape.length);
      const norm = call.int("p", 2) === 1 ? sum(abs(x), [axis], true) : sqrt(sum(square(x), [axis], true));
      return div(x, norm);
    },
  },
];

function overSpace(call: Call, reduce: Reduce): Tensor {
  const x = call.input(0);
  if (x.shape.length < 3) throw call.error("shape", `needs [batch, channels, ...], not rank ${x.shape.length}.`);
  return reduce(
    x,
    x.shape.slice(2).map((_, i) => i + 2),
    true,
  );
}
