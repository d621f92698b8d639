import { describe, expect, test } from "vitest";
import { graph } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { jacobianVector, vectorJacobian } from "./jacobian.ts";
import { hvp, jvp } from "./jvp.ts";
import { dot, mul, square } from "./ops/arithmetic.ts";
import { constant, input, scalar } from "./ops/leaf.ts";
import { matmul } from "./ops/matmul.ts";
import { sum } from "./ops/shape.ts";
import { exp, sin, tanh } from "./ops/unary.ts";
import type { Op, Tensor } from "./tensor.ts";

const numbers = (values: readonly number[], shape: readonly number[] = [values.length]) => ({
  shape,
  data: Float64Array.from(values),
});

describe("jvp", () => {
  test("of x₀ eˣ¹ and sin x₀ at (2, 0) along (3, 5)", () => {
    const [a, b] = [input("a", []), input("b", [])];
    const [first, second] = jvp([mul(a, exp(b)), sin(a)], [a, b], [scalar(3), scalar(5)]) as [Tensor, Tensor];
    const result = interpret(graph({ a, b }, { first, second }), { a: numbers([2], []), b: numbers([0], []) });
    expect(result.first!.data[0]).toBeCloseTo(3 + 2 * 5, 14);
    expect(result.second!.data[0]).toBeCloseTo(3 * Math.cos(2), 14);
  });

  test("gives zeros where an output does not depend on the inputs", () => {
    const [a, b] = [input("a", [2]), input("b", [3])];
    const y = jvp([exp(b)], [a], [constant([1, 1], [2])])[0]!;
    expect(Array.from(interpret(graph({ b }, { y }), { b: numbers([1, 2, 3]) }).y!.data)).toEqual([0, 0, 0]);
  });

  test("counts an inner node among the inputs as independent", () => {
    const a = input("a", []);
    const inner = square(a);
    const y = jvp([mul(inner, inner)], [inner], [scalar(1)])[0]!;
    expect(interpret(graph({ a }, { y }), { a: numbers([3], []) }).y!.data[0]).toBe(18);
  });

  test("gets the tangent of an op without a rule from its cotangents", () => {
    const cube: Op = {
      name: "cube",
      vjp: (node, c) => [mul(c, mul(square(node.inputs[0]!), 3))],
      evaluate: (_node, [x]) => x!.map((value) => value ** 3),
      lower: (_node, [x], emit) => emit.node("Mul", [x!, emit.node("Mul", [x!, x!])]),
    };
    const x = input("x", [2]);
    const y: Tensor = { op: cube, inputs: [x], attributes: {}, shape: [2], dtype: "float" };
    const tangent = jvp([y], [x], [constant([10, 100], [2])])[0]!;
    expect(Array.from(interpret(graph({ x }, { tangent }), { x: numbers([1, 2]) }).tangent!.data)).toEqual([30, 1200]);
  });

  test("refuses a tangent of another shape", () => {
    const x = input("x", [2]);
    expect(() => jvp([exp(x)], [x], [scalar(1)])).toThrow(/tangent 0 must have shape \[2\]/);
    expect(() => hvp(exp(x), [x], [x])).toThrow(/only a scalar has a gradient/);
  });
});

test("hvp of xᵀ A x is (A + Aᵀ) v", () => {
  const x = input("x", [1, 2]);
  const a = constant([1, 2, 3, 4], [2, 2]);
  const y = sum(mul(matmul(x, a), x));
  const product = hvp(y, [x], [constant([1, -1], [1, 2])])[0]!;
  const result = interpret(graph({ x }, { product }), { x: numbers([0.3, 0.7], [1, 2]) });
  expect(Array.from(result.product!.data)).toEqual([2 * 1 - 5, 5 - 2 * 4]);
});

describe("products with a Jacobian", () => {
  const [x, w] = [input("x", [3, 2]), input("w", [2, 4])];
  const g = graph({ x, w }, { y: tanh(matmul(x, w)), norm: dot(w, w) });
  const wave = (size: number, k: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => Math.sin(k * i + k));
  const values = { x: { shape: [3, 2], data: wave(6, 1) }, w: { shape: [2, 4], data: wave(8, 2) } };

  test("are each other's adjoint", () => {
    const tangents = {
      "tangent/x": { shape: [3, 2], data: wave(6, 3) },
      "tangent/w": { shape: [2, 4], data: wave(8, 4) },
    };
    const cotangents = {
      "cotangent/y": { shape: [3, 4], data: wave(12, 5) },
      "cotangent/norm": { shape: [], data: wave(1, 6) },
    };
    const forward = interpret(jacobianVector(g), { ...values, ...tangents });
    const reverse = interpret(vectorJacobian(g), { ...values, ...cotangents });
    const product = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((total, value, i) => total + value * b[i]!, 0);
    const left =
      product(forward.y!.data, cotangents["cotangent/y"].data) +
      product(forward.norm!.data, cotangents["cotangent/norm"].data);
    const right =
      product(reverse.x!.data, tangents["tangent/x"].data) + product(reverse.w!.data, tangents["tangent/w"].data);
    expect(Math.abs(left)).toBeGreaterThan(0.1);
    expect(left).toBeCloseTo(right, 12);
  });

  test("take some inputs and outputs only, and refuse unknown ones", () => {
    const part = jacobianVector(g, { inputs: ["w"], outputs: ["norm"] });
    expect(Object.keys(part.inputs)).toEqual(["x", "w", "tangent/w"]);
    expect(Object.keys(part.outputs)).toEqual(["norm"]);
    expect(() => vectorJacobian(g, { inputs: ["z"] })).toThrow(/no input "z"; it has x, w/);
    const classes = input("classes", [2], "int");
    const whole = graph({ classes, w }, { norm: dot(w, w) });
    expect(() => jacobianVector(whole, { inputs: ["classes"] })).toThrow(/holds int; only float has derivatives/);
    expect(Object.keys(vectorJacobian(whole).outputs)).toEqual(["w"]);
  });
});
