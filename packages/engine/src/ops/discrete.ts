/** Functions with steps: rounding, logic, positions of extremes and masks. The derivative of each is zero by rule. */
import { EngineError } from "../errors.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { evaluateElementwise, neg } from "./arithmetic.ts";
import { equal, toFloat } from "./compare.ts";
import { broadcastShapes, normaliseAxes } from "./indexing.ts";
import { constant } from "./leaf.ts";
import { reshape } from "./shape.ts";

function rounding(name: string, onnx: string, f: (x: number) => number): (x: Tensor) => Tensor {
  const op: Op = {
    name,
    vjp: () => [null],
    jvp: () => null,
    evaluate: (_node, [x]) => x!.map(f),
    lower: (_node, inputs, emit) => emit.node(onnx, inputs),
  };
  return (x) => ({ op, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" });
}

/** The nearest integer, halves to the even one; the derivative is zero by rule. */
export const round: (x: Tensor) => Tensor = rounding("round", "Round", (x) => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
});

/** The largest integer not above x; the derivative is zero by rule. */
export const floor: (x: Tensor) => Tensor = rounding("floor", "Floor", Math.floor);

/** The smallest integer not below x; the derivative is zero by rule. */
export const ceil: (x: Tensor) => Tensor = rounding("ceil", "Ceil", Math.ceil);

function logical(name: string, onnx: string, f: (...truths: boolean[]) => boolean): (...operands: Tensor[]) => Tensor {
  const op: Op = {
    name,
    vjp: (node) => node.inputs.map(() => null),
    jvp: () => null,
    evaluate: (node, inputs) =>
      evaluateElementwise(node, inputs, (...values) => Number(f(...values.map((v) => v !== 0)))),
    lower: (_node, inputs, emit) => emit.node(onnx, inputs),
  };
  return (...operands) => {
    const wrong = operands.find((operand) => operand.dtype !== "bool");
    if (wrong !== undefined)
      throw new EngineError(
        "dtype",
        `${name}: operands hold ${wrong.dtype}; logic works on truth values. Compare first.`,
      );
    const shape = broadcastShapes(name, ...operands.map((operand) => operand.shape));
    return { op, inputs: operands, attributes: {}, shape, dtype: "bool" };
  };
}

const andOf = logical("and", "And", (a, b) => a! && b!);
const orOf = logical("or", "Or", (a, b) => a! || b!);
const notOf = logical("not", "Not", (a) => !a);

/** a ∧ b of truth values. @throws EngineError `dtype`. */
export function and(a: Tensor, b: Tensor): Tensor {
  return andOf(a, b);
}

/** a ∨ b of truth values. @throws EngineError `dtype`. */
export function or(a: Tensor, b: Tensor): Tensor {
  return orOf(a, b);
}

/** ¬a of truth values. @throws EngineError `dtype`. */
export function not(a: Tensor): Tensor {
  return notOf(a);
}

/** Calls f with every row along an axis, as positions of its elements. */
function forEachRow(shape: readonly number[], axis: number, f: (row: number, at: (i: number) => number) => void): void {
  const [extent, after] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const rows = sizeOf(shape.slice(0, axis)) * after;
  for (let row = 0; row < rows; row++) {
    const start = Math.floor(row / after) * extent * after + (row % after);
    f(row, (i) => start + i * after);
  }
}

const argMaxOp: Op = {
  name: "argMax",
  vjp: () => [null],
  jvp: () => null,
  evaluate: (node, [x]) => {
    const shape = node.inputs[0]!.shape;
    const axis = node.attributes.axis as number;
    const result = new Float64Array(sizeOf(node.shape));
    forEachRow(shape, axis, (row, at) => {
      for (let i = 1; i < shape[axis]!; i++) if (x![at(i)]! > x![at(result[row]!)]!) result[row] = i;
    });
    return result;
  },
  lower: (node, [x], emit) =>
    emit.node("ArgMax", [x!], { axis: { int: node.attributes.axis as number }, keepdims: { int: 0 } }),
};

/** Position of the largest element along `axis`, the first of equals, as int; the derivative is zero by rule. @throws EngineError `axis`. */
export function argMax(x: Tensor, axis = -1): Tensor {
  const at = normaliseAxes("argMax", [axis], x.shape.length)[0]!;
  const shape = x.shape.filter((_, i) => i !== at);
  return { op: argMaxOp, inputs: [x], attributes: { axis: at }, shape, dtype: "int" };
}

/** Position of the smallest element along `axis`, the first of equals, as int; the derivative is zero by rule. @throws EngineError `axis`. */
export function argMin(x: Tensor, axis = -1): Tensor {
  return argMax(neg(x), axis);
}

/** 1 at the index, 0 elsewhere: y[…, k] = [indices[…] = k] for 0 ≤ k < width, as float; the derivative is zero by rule. @throws EngineError `dtype`. */
export function oneHot(indices: Tensor, width: number): Tensor {
  if (indices.dtype !== "int")
    throw new EngineError("dtype", `oneHot: indices hold ${indices.dtype}; they must be int.`);
  const classes = constant(
    Array.from({ length: width }, (_, k) => k),
    [width],
    "int",
  );
  return toFloat(equal(reshape(indices, [...indices.shape, 1]), classes));
}

const topKMaskOp: Op = {
  name: "topKMask",
  vjp: () => [null],
  jvp: () => null,
  evaluate: (node, [x]) => {
    const width = node.shape.at(-1)!;
    const result = new Float64Array(x!.length);
    for (let start = 0; start < x!.length; start += width) {
      const order = Array.from({ length: width }, (_, i) => i).sort((i, j) => x![start + j]! - x![start + i]! || i - j);
      for (const i of order.slice(0, node.attributes.count as number)) result[start + i] = 1;
    }
    return result;
  },
  // The k-th largest value as a threshold; of the elements equal to it the first ones, as many as are missing. TopK selects and need not sort.
  lower: (node, [x], emit) => {
    const count = node.attributes.count as number;
    const attributes = { axis: { int: -1 }, sorted: { int: 0 } };
    const top = emit.node("TopK", [x!, emit.ints([count])], attributes, { index: 0, of: 2 });
    const threshold = emit.node("ReduceMin", [top, emit.ints([-1])], { keepdims: { int: 1 } });
    const above = emit.cast(emit.node("Greater", [x!, threshold]), "float");
    const level = emit.cast(emit.node("Equal", [x!, threshold]), "float");
    const missing = emit.node("Sub", [
      emit.float([count], []),
      emit.node("ReduceSum", [above, emit.ints([-1])], { keepdims: { int: 1 } }),
    ]);
    const place = emit.node("CumSum", [level, emit.ints([-1], [])]);
    const first = emit.cast(emit.node("LessOrEqual", [place, missing]), "float");
    return emit.node("Add", [above, emit.node("Mul", [level, first])]);
  },
};

/**
 * 1 at the `count` largest elements along the last axis, 0 elsewhere; of equals the first. The derivative is zero by rule.
 *
 * @throws EngineError `range` when there are not that many.
 */
export function topKMask(x: Tensor, count: number): Tensor {
  const width = x.shape.at(-1);
  if (width === undefined || !Number.isInteger(count) || count < 1 || count > width)
    throw new EngineError(
      "range",
      `topKMask: ${count} elements of rows of ${width ?? "a scalar"}; give 1 … ${width ?? 1}.`,
    );
  return { op: topKMaskOp, inputs: [x], attributes: { count }, shape: x.shape, dtype: "float" };
}
