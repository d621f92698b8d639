/** Kernels that work number by number. */
import { EngineError } from "../../errors.ts";
import { add, div, mul, neg, square, sub } from "../../ops/arithmetic.ts";
import { abs, clip, maximum, minimum, sign, step, toFloat } from "../../ops/compare.ts";
import { ceil, floor, round } from "../../ops/discrete.ts";
import { uniformValue } from "../../ops/leaf.ts";
import { acos, asin, atan, cosh, erf, sinh, tan } from "../../ops/special.ts";
import { cos, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import { eluOf, prelu, relu6, selu } from "./activations.ts";
import type { KernelCall, TraceRule, TraceRules } from "./rule.ts";

const unary =
  (f: (x: Tensor) => Tensor): TraceRule =>
  ({ operands }) =>
    f(toFloat(operands[0]!));

const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): TraceRule =>
  ({ operand }) =>
    f(toFloat(operand("a")), toFloat(operand("b")));

/** The engine's powers have a fixed exponent; any other is eᵇ ˡᵒᵍ ᵃ, which needs a positive base. */
function pow(a: Tensor, b: Tensor): Tensor {
  const exponent = uniformValue(b);
  if (exponent !== undefined && b.shape.length <= a.shape.length) return power(a, exponent);
  throw new EngineError(
    "unsupported-op",
    'The TensorFlow.js kernel "Pow" was called with an exponent that is not one constant number. Write it as exp(mul(b, log(a))) where the base is positive.',
  );
}

const stepWith = ({ operand, attributes }: KernelCall): Tensor => {
  const { alpha } = attributes as { alpha?: number };
  const x = operand("x");
  const one = step(x);
  return alpha === undefined || alpha === 0 ? one : add(one, mul(sub(1, one), alpha));
};

export const elementwiseRules: TraceRules = {
  Abs: unary(abs),
  Acos: unary(acos),
  Asin: unary(asin),
  Atan: unary(atan),
  Ceil: unary(ceil),
  Cos: unary(cos),
  Cosh: unary(cosh),
  Elu: unary((x) => eluOf(x)),
  Erf: unary(erf),
  Exp: unary(exp),
  // eˣ − 1 = 2 e^(x/2) sinh(x/2), which keeps every digit near 0.
  Expm1: unary((x) => mul(mul(exp(mul(x, 0.5)), sinh(mul(x, 0.5))), 2)),
  Floor: unary(floor),
  Log: unary(log),
  Log1p: unary((x) => log(add(x, 1))),
  Neg: unary(neg),
  Reciprocal: unary((x) => div(1, x)),
  Relu: unary(relu),
  Relu6: unary(relu6),
  Round: unary(round),
  Rsqrt: unary((x) => div(1, sqrt(x))),
  Selu: unary(selu),
  Sigmoid: unary(sigmoid),
  Sign: unary(sign),
  Sin: unary(sin),
  Sinh: unary(sinh),
  Softplus: unary(softplus),
  Sqrt: unary(sqrt),
  Square: unary(square),
  Tan: unary(tan),
  Tanh: unary(tanh),
  Step: stepWith,
  LeakyRelu: ({ operand, attributes }) => leakyRelu(operand("x"), (attributes as { alpha: number }).alpha),
  Prelu: ({ operand }) => prelu(operand("x"), operand("alpha")),
  ClipByValue: ({ operand, attributes }) => {
    const { clipValueMin, clipValueMax } = attributes as { clipValueMin: number; clipValueMax: number };
    return clip(operand("x"), clipValueMin, clipValueMax);
  },
  Add: binary(add),
  AddN: ({ operands }) => operands.map(toFloat).reduce((a, b) => add(a, b)),
  Sub: binary(sub),
  Multiply: binary(mul),
  RealDiv: binary(div),
  Maximum: binary(maximum),
  Minimum: binary(minimum),
  SquaredDifference: binary((a, b) => square(sub(a, b))),
  Pow: binary(pow),
};
