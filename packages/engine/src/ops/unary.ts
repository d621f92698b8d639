/** Smooth elementwise functions and activations. */
import type { Emitter, OnnxAttribute } from "../onnx/emitter.ts";
import type { Op, Tensor } from "../tensor.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { greater, minimum, select, step } from "./compare.ts";
import { scalar } from "./leaf.ts";
import { mapElementwise } from "./mapped.ts";
import { mapTangent } from "./tangent.ts";

/** An op that applies f to every number: `derivative` gets x and y = f(x) as tensors, `onnx` names the kernel unless `lower` says more. */
export function unary(
  name: string,
  onnx: string,
  f: (x: number) => number,
  derivative: (x: Tensor, y: Tensor) => Tensor,
  lower: Op["lower"] = (_node, inputs, emit) => emit.node(onnx, inputs),
): (x: Tensor) => Tensor {
  const op: Op = {
    name,
    vjp: (node, cotangent) => [mul(cotangent, derivative(node.inputs[0]!, node))],
    jvp: (node, [x]) => mapTangent(x, (t) => mul(t, derivative(node.inputs[0]!, node))),
    map: mapElementwise,
    evaluate: (_node, [x]) => x!.map(f),
    lower,
  };
  return (x) => ({ op, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" });
}

/** eˣ. */
export const exp: (x: Tensor) => Tensor = unary("exp", "Exp", Math.exp, (_x, y) => y);

/** Natural logarithm. */
export const log: (x: Tensor) => Tensor = unary("log", "Log", Math.log, (x) => div(1, x));

/** √x. Its derivative at 0 is infinite. */
export const sqrt: (x: Tensor) => Tensor = unary("sqrt", "Sqrt", Math.sqrt, (_x, y) => div(0.5, y));

/** tanh x. */
export const tanh: (x: Tensor) => Tensor = unary("tanh", "Tanh", Math.tanh, (_x, y) => sub(1, square(y)));

/** sin x. */
export const sin: (x: Tensor) => Tensor = unary("sin", "Sin", Math.sin, (x) => cos(x));

/** cos x. */
export const cos: (x: Tensor) => Tensor = unary("cos", "Cos", Math.cos, (x) => neg(sin(x)));

/** 1 / (1 + e⁻ˣ). */
export const sigmoid: (x: Tensor) => Tensor = unary(
  "sigmoid",
  "Sigmoid",
  (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  (_x, y) => mul(y, sub(1, y)),
  lowerSigmoid,
);

/**
 * The runtime's optimiser turns x · Sigmoid(x) into QuickGelu, for which it has no kernel in float64, so there the sigmoid is written out. e⁻ˣ may become
 * infinite; its reciprocal is then 0, as it should.
 */
function lowerSigmoid(_node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Sigmoid", [x!]);
  const one = emit.float([1], []);
  return emit.node("Div", [one, emit.node("Add", [one, emit.node("Exp", [emit.node("Neg", [x!])])])]);
}

/** log(1 + eˣ). */
export const softplus: (x: Tensor) => Tensor = unary(
  "softplus",
  "Softplus",
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (x) => sigmoid(x),
  lowerSoftplus,
);

/** The runtime has Softplus in float32 only. log(1 + u) is u log(w) / (w − 1) with w = 1 + u rounded, which is exact to the last bits for small u. */
function lowerSoftplus(_node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Softplus", [x!]);
  const one = emit.float([1], []);
  const u = emit.node("Exp", [emit.node("Neg", [emit.node("Abs", [x!])])]);
  const w = emit.node("Add", [u, one]);
  const ratio = emit.node("Div", [emit.node("Mul", [u, emit.node("Log", [w])]), emit.node("Sub", [w, one])]);
  const tail = emit.node("Where", [emit.node("Equal", [w, one]), u, ratio]);
  return emit.node("Add", [emit.node("Relu", [x!]), tail]);
}

/** max(x, 0), derivative 0 at 0. */
export const relu: (x: Tensor) => Tensor = unary(
  "relu",
  "Relu",
  (x) => Math.max(x, 0),
  (x) => step(x),
);

/** One op with a number as its parameter, such as a slope. */
function unaryWith(
  name: string,
  parameter: string,
  f: (x: number, p: number) => number,
  derivative: (x: Tensor, p: number, y: Tensor) => Tensor,
  lower: Op["lower"],
): (x: Tensor, p: number) => Tensor {
  const op: Op = {
    name,
    vjp: (node, cotangent) => [mul(cotangent, derivative(node.inputs[0]!, node.attributes[parameter] as number, node))],
    jvp: (node, [x]) =>
      mapTangent(x, (t) => mul(t, derivative(node.inputs[0]!, node.attributes[parameter] as number, node))),
    map: mapElementwise,
    evaluate: (node, [x]) => x!.map((value) => f(value, node.attributes[parameter] as number)),
    lower,
  };
  return (x, p) => ({ op, inputs: [x], attributes: { [parameter]: p }, shape: x.shape, dtype: "float" });
}

const alpha = (value: number): Readonly<Record<string, OnnxAttribute>> => ({ alpha: { float: value } });

const leaky = unaryWith(
  "leakyRelu",
  "slope",
  (x, slope) => (x > 0 ? x : slope * x),
  (x, slope) => add(mul(step(x), 1 - slope), slope),
  // Where instead of LeakyRelu in float64: the runtime has that kernel in float32 only.
  (node, [x], emit) => {
    const slope = node.attributes.slope as number;
    if (emit.precision === "float32") return emit.node("LeakyRelu", [x!], alpha(slope));
    const positive = emit.node("Greater", [x!, emit.float([0], [])]);
    return emit.node("Where", [positive, x!, emit.node("Mul", [x!, emit.float([slope], [])])]);
  },
);

/** x for x > 0, slope · x elsewhere. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return leaky(x, slope);
}

const powerOf = unaryWith(
  "power",
  "exponent",
  (x, p) => x ** p,
  (x, p) => mul(power(x, p - 1), p),
  (node, [x], emit) => emit.node("Pow", [x!, emit.float([node.attributes.exponent as number], [])]),
);

/** xᵖ for a fixed p; p = 0, 1 and 2 need no power. */
export function power(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return add(mul(x, 0), 1);
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  return powerOf(x, exponent);
}

/** x for x > 0, a (eˣ − 1) elsewhere. */
export function elu(x: Tensor, a = 1): Tensor {
  // The exponential sees only x ≤ 0, so that the branch not taken cannot overflow into NaN derivatives.
  return select(greater(x, 0), x, mul(sub(exp(minimum(x, scalar(0))), 1), a));
}
