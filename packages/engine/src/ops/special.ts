/** The error function, the functions of trigonometry beyond sine and cosine, and the activations made of them. */
import type { Emitter } from "../onnx/emitter.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { cos, exp, sigmoid, sin, sqrt, tanh, unary } from "./unary.ts";

/** 1 / (1 · 3 · 5 ⋯ (2n + 1)), so that erf x = 2/√π e^(−x²) x Σ (2x²)ⁿ / (2n + 1)!!, a sum without cancellation. */
const erfTerms = (count: number): number[] => {
  const terms = [1];
  for (let n = 1; n < count; n++) terms.push(terms[n - 1]! / (2 * n + 1));
  return terms;
};

const erfCoefficients = erfTerms(160);

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((total, coefficient) => total * x + coefficient, 0);

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** erf x from its series; beyond 6 it is ±1 to the last bit of float64. */
function erfOf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  return twoOverRootPi * Math.exp(-x * x) * x * horner(erfCoefficients, 2 * x * x);
}

/** Σ cₖ xᵏ in Horner's order. */
function polynomial(emit: Emitter, x: string, coefficients: readonly number[]): string {
  const [last, ...rest] = [...coefficients].reverse();
  let total = emit.float([last!], []);
  for (const coefficient of rest)
    total = emit.node("Add", [emit.node("Mul", [total, x]), emit.float([coefficient], [])]);
  return total;
}

/**
 * The runtime has Erf in float32 only (operator set 13: the standard allows float64, the kernel is missing). In float64: the series for |x| < 1/2; beyond,
 * the trapezoidal rule for Goodwin's integral with its pole taken out,
 *
 *     erfc x = (2 h x / π) e^(−x²) (1 / 2x² + Σₙ e^(−n²h²) / (n²h² + x²)) + 2 / (1 − e^(2πx/h)),     h = 1/2,
 *
 * whose error is e^(−π²/h²) = 7e-18.
 *
 * @see E. T. Goodwin, The evaluation of integrals of the form ∫ f(x) e^(−x²) dx, 1949; C. Chiarella and A. Reichel, Math. Comp. 22, 1968.
 */
function lowerErf(node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Erf", [x!]);
  const number = (value: number): string => emit.float([value], []);
  const bell = (t: string): string => emit.node("Exp", [emit.node("Neg", [t])]);
  const t = emit.node("Mul", [x!, x!]);
  const expansion = polynomial(emit, emit.node("Mul", [t, number(2)]), erfCoefficients.slice(0, 14));
  const near = emit.node("Mul", [
    emit.node("Mul", [emit.node("Mul", [x!, number(twoOverRootPi)]), bell(t)]),
    expansion,
  ]);

  const h = 0.5;
  const squares = Array.from({ length: 13 }, (_, n) => ((n + 1) * h) ** 2);
  const size = emit.node("Abs", [x!]);
  const far = emit.node("Max", [size, number(0.5)]);
  const s = emit.node("Mul", [far, far]);
  const column = emit.node("Reshape", [s, emit.ints([sizeOf(node.shape), 1])]);
  const fractions = emit.node("Div", [
    emit.float(
      squares.map((value) => Math.exp(-value)),
      [13],
    ),
    emit.node("Add", [column, emit.float(squares, [13])]),
  ]);
  const rule = emit.node("ReduceSum", [fractions, emit.ints([1])], { keepdims: { int: 0 } });
  const total = emit.node("Add", [
    emit.node("Div", [number(0.5), s]),
    emit.node("Reshape", [rule, emit.ints(node.shape)]),
  ]);
  const scale = emit.node("Mul", [emit.node("Mul", [far, number((2 * h) / Math.PI)]), bell(s)]);
  const growth = emit.node("Exp", [emit.node("Mul", [far, number((2 * Math.PI) / h)])]);
  const pole = emit.node("Div", [number(2), emit.node("Sub", [number(1), growth])]);
  const complement = emit.node("Add", [emit.node("Mul", [scale, total]), pole]);
  const beyond = emit.node("Mul", [emit.node("Sign", [x!]), emit.node("Sub", [number(1), complement])]);
  return emit.node("Where", [emit.node("Less", [size, number(0.5)]), near, beyond]);
}

/** erf x = 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf: (x: Tensor) => Tensor = unary(
  "erf",
  "Erf",
  erfOf,
  (x) => mul(exp(neg(square(x))), twoOverRootPi),
  lowerErf,
);

/**
 * The runtime has Atan in float32 only. In float64: |x| > 1 is turned over, the angle is halved twice by u / (1 + √(1 + u²)), which leaves |u| ≤ tan(π/16),
 * and twelve terms of the series Σ (−1)ⁿ u²ⁿ⁺¹ / (2n + 1) do the rest.
 */
function lowerAtan(_node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Atan", [x!]);
  const one = emit.float([1], []);
  const size = emit.node("Abs", [x!]);
  const large = emit.node("Greater", [size, one]);
  let u = emit.node("Where", [large, emit.node("Div", [one, emit.node("Max", [size, one])]), size]);
  for (let halving = 0; halving < 2; halving++) {
    const root = emit.node("Sqrt", [emit.node("Add", [emit.node("Mul", [u, u]), one])]);
    u = emit.node("Div", [u, emit.node("Add", [root, one])]);
  }
  const terms = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? 4 : -4) / (2 * n + 1));
  const angle = emit.node("Mul", [u, polynomial(emit, emit.node("Mul", [u, u]), terms)]);
  const turned = emit.node("Where", [large, emit.node("Sub", [emit.float([Math.PI / 2], []), angle]), angle]);
  return emit.node("Mul", [emit.node("Sign", [x!]), turned]);
}

/** arctan x in (−π/2, π/2). */
export const atan: (x: Tensor) => Tensor = unary(
  "atan",
  "Atan",
  Math.atan,
  (x) => div(1, add(square(x), 1)),
  lowerAtan,
);

/** arcsin x = 2 arctan(x / (1 + √(1 − x²))) for |x| ≤ 1; its derivative at ±1 is infinite. */
export function asin(x: Tensor): Tensor {
  return mul(atan(div(x, add(sqrt(sub(1, square(x))), 1))), 2);
}

/** arccos x = 2 arctan √((1 − x) / (1 + x)) for −1 < x ≤ 1; its derivative at 1 is infinite. */
export function acos(x: Tensor): Tensor {
  return mul(atan(sqrt(div(sub(1, x), add(x, 1)))), 2);
}

/** tan x = sin x / cos x. */
export function tan(x: Tensor): Tensor {
  return div(sin(x), cos(x));
}

/** sinh x: the runtime's kernel in float32; in float64 it has none, and 2t / (1 − t²) with t = tanh(x/2) keeps every bit near 0. */
function lowerSinh(_node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Sinh", [x!]);
  const [one, half] = [emit.float([1], []), emit.float([0.5], [])];
  const t = emit.node("Tanh", [emit.node("Mul", [x!, half])]);
  const near = emit.node("Div", [emit.node("Add", [t, t]), emit.node("Sub", [one, emit.node("Mul", [t, t])])]);
  const up = emit.node("Exp", [x!]);
  const far = emit.node("Mul", [emit.node("Sub", [up, emit.node("Exp", [emit.node("Neg", [x!])])]), half]);
  return emit.node("Where", [emit.node("Less", [emit.node("Abs", [x!]), one]), near, far]);
}

/** The runtime has Cosh in float32 only; (eˣ + e⁻ˣ)/2 loses nothing. */
function lowerCosh(_node: Tensor, [x]: readonly string[], emit: Emitter): string {
  if (emit.precision === "float32") return emit.node("Cosh", [x!]);
  const both = emit.node("Add", [emit.node("Exp", [x!]), emit.node("Exp", [emit.node("Neg", [x!])])]);
  return emit.node("Mul", [both, emit.float([0.5], [])]);
}

/** sinh x = (eˣ − e⁻ˣ) / 2. */
export const sinh: (x: Tensor) => Tensor = unary("sinh", "Sinh", Math.sinh, (x) => cosh(x), lowerSinh);

/** cosh x = (eˣ + e⁻ˣ) / 2. */
export const cosh: (x: Tensor) => Tensor = unary("cosh", "Cosh", Math.cosh, (x) => sinh(x), lowerCosh);

/** φ(x) = e^(−x²/2) / √(2π). */
const normalDensity = (x: Tensor): Tensor => mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

const normalProbability = (x: number): number => 0.5 * (1 + erfOf(x * Math.SQRT1_2));

/** Φ(x) and φ(x) as the nodes that `normalDensity` makes, so that a value and its derivatives share them. */
function lowerNormal(node: Tensor, x: string, emit: Emitter): { probability: string; density: string } {
  const number = (value: number): string => emit.float([value], []);
  const scaled = emit.node("Mul", [x, number(Math.SQRT1_2)]);
  const both = emit.node("Add", [lowerErf(node, [scaled], emit), number(1)]);
  const bell = emit.node("Exp", [emit.node("Mul", [emit.node("Mul", [x, x]), number(-0.5)])]);
  return {
    probability: emit.node("Mul", [both, number(0.5)]),
    density: emit.node("Mul", [bell, number(1 / Math.sqrt(2 * Math.PI))]),
  };
}

/** Φ(x) + x φ(x), the derivative of GELU; an op so that the second derivative is one product of φ. */
const geluSlope: (x: Tensor) => Tensor = unary(
  "geluSlope",
  "",
  (x) => normalProbability(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  (x) => mul(normalDensity(x), sub(2, square(x))),
  (node, [x], emit) => {
    const { probability, density } = lowerNormal(node, x!, emit);
    return emit.node("Add", [probability, emit.node("Mul", [x!, density])]);
  },
);

/** GELU of Hendrycks and Gimpel 2016: x Φ(x) = x/2 (1 + erf(x/√2)). */
export const gelu: (x: Tensor) => Tensor = unary(
  "gelu",
  "",
  (x) => x * normalProbability(x),
  (x) => geluSlope(x),
  (node, [x], emit) => emit.node("Mul", [x!, lowerNormal(node, x!, emit).probability]),
);

/** The tanh form of GELU (ibid.): x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function geluTanh(x: Tensor): Tensor {
  const inner = mul(mul(x, add(mul(square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(x, mul(add(tanh(inner), 1), 0.5));
}

/** SiLU, also called swish: x / (1 + e⁻ˣ). */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}
