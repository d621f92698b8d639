/** Arithmetic and smooth functions, elementwise with broadcasting. */
import { add, div, mul, neg, sub } from "../../../ops/arithmetic.ts";
import { abs, maximum, minimum, sign } from "../../../ops/compare.ts";
import { ceil, floor, round } from "../../../ops/discrete.ts";
import { scalar } from "../../../ops/leaf.ts";
import { reshape } from "../../../ops/shape.ts";
import { acos, asin, atan, cosh, erf, sinh, tan } from "../../../ops/special.ts";
import { cos, exp, log, power, sin, sqrt } from "../../../ops/unary.ts";
import type { Tensor } from "../../../tensor.ts";
import type { Call, OpEntry, Translate } from "../call.ts";
import { onNumbers } from "../elementwise.ts";

type Binary = (a: Tensor, b: Tensor) => Tensor;

const binary =
  (f: (a: number, b: number) => number, build: Binary): Translate =>
  (call) =>
    onNumbers(call, [call.input(0), call.input(1)], f, build as (...operands: Tensor[]) => Tensor);

const unary =
  (build: (x: Tensor) => Tensor): Translate =>
  (call) =>
    build(call.input(0));

/** Any number of operands, combined two by two. */
const variadic =
  (
    f: (a: number, b: number) => number,
    build: Binary,
    after: (total: Tensor, count: number) => Tensor = (x) => x,
  ): Translate =>
  (call) => {
    let total = call.input(0);
    for (let i = 1; i < call.count; i++) {
      total = onNumbers(call, [total, call.input(i)], f, build as (...operands: Tensor[]) => Tensor);
    }
    return after(total, call.count);
  };

/**
 * A bias added behind a linear layer whose rows were reshaped: reshape(x Wᵀ) + b = reshape(x Wᵀ + b), so that the bias stays next to its weight.
 */
function addBias(a: Tensor, b: Tensor): Tensor {
  for (const [product, bias] of [
    [a, b],
    [b, a],
  ] as const) {
    const rows = product.inputs[0];
    const split = product.op.name === "reshape" && rows?.op.name === "matmul" && rows.shape.length === 2;
    if (split && bias.shape.length === 1 && bias.shape[0] === rows.shape[1] && product.shape.at(-1) === bias.shape[0]) {
      return reshape(add(rows, bias), product.shape);
    }
  }
  return add(a, b);
}

function pow(call: Call): Tensor {
  const [base, exponent] = [call.input(0), call.input(1)];
  // An exponent that is a weight stays one, so that it is differentiated like the others.
  const known = exponent.op.name === "constant" ? call.values(exponent) : undefined;
  if (base.dtype === "int")
    return onNumbers(
      call,
      [base, exponent],
      (a, b) => Math.trunc(a ** b),
      (a, b) => general(a!, b!),
    );
  if (known !== undefined && known.length === 1 && exponent.shape.length <= base.shape.length)
    return power(base, known[0]!);
  if (exponent.dtype !== "float") throw call.error("onnx-dtype", "an integer exponent must be one known number.");
  return general(base, exponent);
}

/** aᵇ for a > 0, as exp(b log a). */
const general: Binary = (a, b) => exp(mul(b, log(a)));

function mod(call: Call): Tensor {
  const floored = call.int("fmod", 0) === 0;
  if (call.input(0).dtype === "float") {
    throw call.error("onnx-unsupported-variant", "Mod of floating-point numbers is not supported.");
  }
  const remainder = (a: number, b: number): number => (floored ? a - b * Math.floor(a / b) : a % b);
  return onNumbers(call, [call.input(0), call.input(1)], remainder, () => {
    throw call.error("onnx-not-constant", "Mod needs integers that are known when the model is imported.");
  });
}

function integerAware(f: (x: number) => number, build: (x: Tensor) => Tensor): Translate {
  return (call) => onNumbers(call, [call.input(0)], f, (x) => build(x!));
}

/** Arithmetic and smooth functions. */
export const arithmetic: readonly OpEntry[] = [
  { name: "Add", since: 7, translate: binary((a, b) => a + b, addBias) },
  {
    name: "Sub",
    since: 7,
    translate: binary(
      (a, b) => a - b,
      (a, b) => sub(a, b),
    ),
  },
  {
    name: "Mul",
    since: 7,
    translate: binary(
      (a, b) => a * b,
      (a, b) => mul(a, b),
    ),
  },
  {
    name: "Div",
    since: 7,
    translate: binary(
      (a, b) => Math.trunc(a / b),
      (a, b) => div(a, b),
    ),
  },
  { name: "Mod", since: 10, limits: "integers known at import only", translate: mod },
  { name: "Pow", since: 7, limits: "positive bases where the exponent is not one known number", translate: pow },
  {
    name: "Neg",
    since: 6,
    translate: integerAware(
      (x) => -x,
      (x) => neg(x),
    ),
  },
  { name: "Abs", since: 6, translate: integerAware(Math.abs, (x) => abs(x)) },
  { name: "Sign", since: 9, translate: integerAware(Math.sign, (x) => sign(x)) },
  { name: "Reciprocal", since: 6, translate: unary((x) => div(scalar(1), x)) },
  { name: "Sqrt", since: 6, translate: unary(sqrt) },
  { name: "Exp", since: 6, translate: unary(exp) },
  { name: "Log", since: 6, translate: unary(log) },
  { name: "Sin", since: 7, translate: unary(sin) },
  { name: "Cos", since: 7, translate: unary(cos) },
  { name: "Tan", since: 7, translate: unary(tan) },
  { name: "Asin", since: 7, translate: unary(asin) },
  { name: "Acos", since: 7, translate: unary(acos) },
  { name: "Atan", since: 7, translate: unary(atan) },
  { name: "Sinh", since: 9, translate: unary(sinh) },
  { name: "Cosh", since: 9, translate: unary(cosh) },
  { name: "Erf", since: 9, translate: unary(erf) },
  { name: "Round", since: 11, translate: unary(round) },
  { name: "Floor", since: 6, translate: unary(floor) },
  { name: "Ceil", since: 6, translate: unary(ceil) },
  { name: "Max", since: 8, translate: variadic(Math.max, (a, b) => maximum(a, b)) },
  { name: "Min", since: 8, translate: variadic(Math.min, (a, b) => minimum(a, b)) },
  {
    name: "Sum",
    since: 8,
    translate: variadic(
      (a, b) => a + b,
      (a, b) => add(a, b),
    ),
  },
  {
    name: "Mean",
    since: 8,
    translate: variadic(
      (a, b) => a + b,
      (a, b) => add(a, b),
      (total, count) => div(total, count),
    ),
  },
];
