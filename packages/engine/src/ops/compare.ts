/** Comparisons, choices and what is built on them. Comparisons have zero derivative by rule. */
import { EngineError } from "../errors.ts";
import type { Op, Tensor } from "../tensor.ts";
import { evaluateElementwise, mul } from "./arithmetic.ts";
import { broadcastShapes } from "./indexing.ts";
import { scalar } from "./leaf.ts";
import { mapElementwise } from "./mapped.ts";
import { broadcastTo, full, sumTo } from "./shape.ts";
import { mapTangent } from "./tangent.ts";

type Operand = Tensor | number;
const lift = (x: Operand): Tensor => (typeof x === "number" ? scalar(x) : x);

function comparison(
  name: string,
  onnx: string,
  f: (a: number, b: number) => boolean,
): (a: Operand, b: Operand) => Tensor {
  const op: Op = {
    name,
    vjp: () => [null, null],
    jvp: () => null,
    map: mapElementwise,
    evaluate: (node, inputs) => evaluateElementwise(node, inputs, (a, b) => Number(f(a!, b!))),
    lower: (_node, inputs, emit) => emit.node(onnx, inputs),
  };
  return (a, b) => {
    const inputs = [lift(a), lift(b)] as const;
    return {
      op,
      inputs,
      attributes: {},
      shape: broadcastShapes(name, inputs[0].shape, inputs[1].shape),
      dtype: "bool",
    };
  };
}

/** a > b, as truth values; the derivative is zero by rule. */
export const greater: (a: Operand, b: Operand) => Tensor = comparison("greater", "Greater", (a, b) => a > b);

/** a ≥ b, as truth values; the derivative is zero by rule. */
export const greaterEqual: (a: Operand, b: Operand) => Tensor = comparison(
  "greaterEqual",
  "GreaterOrEqual",
  (a, b) => a >= b,
);

/** a = b, as truth values; the derivative is zero by rule. */
export const equal: (a: Operand, b: Operand) => Tensor = comparison("equal", "Equal", (a, b) => a === b);

const toFloatOp: Op = {
  name: "toFloat",
  vjp: () => [null],
  jvp: () => null,
  map: mapElementwise,
  evaluate: (_node, [x]) => x!,
  lower: (_node, [x], emit) => emit.cast(x!, "float"),
};

/** Truth values (0 or 1) or integers as floating-point numbers; the derivative is zero by rule. */
export function toFloat(x: Tensor): Tensor {
  if (x.dtype === "float") return x;
  return { op: toFloatOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}

const toIntOp: Op = {
  name: "toInt",
  vjp: () => [null],
  jvp: () => null,
  map: mapElementwise,
  evaluate: (_node, [x]) => x!.map(Math.trunc),
  lower: (_node, [x], emit) => emit.cast(x!, "int"),
};

/** Whole numbers that are stored as floating-point ones as integers, for use as indices; the derivative is zero by rule. */
export function toInt(x: Tensor): Tensor {
  if (x.dtype === "int") return x;
  return { op: toIntOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "int" };
}

const selectOp: Op = {
  name: "select",
  vjp: (node, cotangent) => {
    const [condition, a, b] = node.inputs as [Tensor, Tensor, Tensor];
    const zero = full(0, cotangent.shape);
    return [
      null,
      sumTo(select(condition, cotangent, zero), a.shape),
      sumTo(select(condition, zero, cotangent), b.shape),
    ];
  },
  jvp: (node, [, a, b]) =>
    a === null && b === null ? null : broadcastTo(select(node.inputs[0]!, a ?? 0, b ?? 0), node.shape),
  map: mapElementwise,
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (condition, a, b) => (condition ? a! : b!)),
  lower: (_node, inputs, emit) => emit.node("Where", inputs),
};

/** a where the condition holds, b elsewhere; the condition has no derivative. @throws EngineError `shape`, or `dtype` when the condition is not bool. */
export function select(condition: Tensor, a: Operand, b: Operand): Tensor {
  if (condition.dtype !== "bool") {
    throw new EngineError(
      "dtype",
      `select: the condition holds ${condition.dtype}; it must be bool. Compare it first.`,
    );
  }
  const inputs = [condition, lift(a), lift(b)] as const;
  const shape = broadcastShapes("select", condition.shape, inputs[1].shape, inputs[2].shape);
  return { op: selectOp, inputs, attributes: {}, shape, dtype: "float" };
}

/** max(a, b); where equal, the derivative goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return select(greaterEqual(a, b), a, b);
}

/** min(a, b); where equal, the derivative goes to a. */
export function minimum(a: Operand, b: Operand): Tensor {
  return select(greaterEqual(b, a), a, b);
}

/** x limited to [lower, upper]; derivative 1 inside and on the bounds. */
export function clip(x: Tensor, lower: Operand, upper: Operand): Tensor {
  return minimum(maximum(x, lower), upper);
}

const stepOp: Op = {
  name: "step",
  vjp: () => [null],
  jvp: () => null,
  map: mapElementwise,
  evaluate: (_node, [x]) => x!.map((value) => Number(value > 0)),
  lower: (_node, [x], emit) => emit.cast(emit.node("Greater", [x!, emit.float([0], [])]), "float"),
};

/** 1 where x > 0, else 0. Its derivative is zero by rule. */
export function step(x: Tensor): Tensor {
  return { op: stepOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}

const signOp: Op = {
  name: "sign",
  vjp: () => [null],
  jvp: () => null,
  map: mapElementwise,
  evaluate: (_node, [x]) => x!.map(Math.sign),
  lower: (_node, [x], emit) => emit.node("Sign", [x!]),
};

/** The sign of x: −1, 0 or 1. Its derivative is zero by rule. */
export function sign(x: Tensor): Tensor {
  return { op: signOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}

const stopGradientOp: Op = {
  name: "stopGradient",
  vjp: () => [null],
  jvp: () => null,
  map: mapElementwise,
  evaluate: (_node, [x]) => x!,
  lower: (_node, [x], emit) => emit.node("Identity", [x!]),
};

/** x, seen as a constant by derivatives. */
export function stopGradient(x: Tensor): Tensor {
  return { op: stopGradientOp, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype };
}

const absOp: Op = {
  name: "abs",
  vjp: (node, cotangent) => [mul(cotangent, sign(node.inputs[0]!))],
  jvp: (node, [x]) => mapTangent(x, (t) => mul(t, sign(node.inputs[0]!))),
  map: mapElementwise,
  evaluate: (_node, [x]) => x!.map(Math.abs),
  lower: (_node, inputs, emit) => emit.node("Abs", inputs),
};

/** |x|, derivative 0 at 0. */
export function abs(x: Tensor): Tensor {
  return { op: absOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}
