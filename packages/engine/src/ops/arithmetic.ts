/** Elementwise arithmetic with NumPy broadcasting. */
import type { Op, Shape, Tensor } from "../tensor.ts";
import { broadcastIndex, broadcastShapes } from "./indexing.ts";
import { scalar } from "./leaf.ts";
import { mapElementwise } from "./mapped.ts";
import { broadcastTo, sumTo } from "./shape.ts";
import { mapTangent, type Tangent } from "./tangent.ts";

type Operand = Tensor | number;
const lift = (x: Operand): Tensor => (typeof x === "number" ? scalar(x) : x);

/** The values of an elementwise function of broadcast operands. */
export function evaluateElementwise(
  node: { readonly shape: Shape; readonly inputs: readonly Tensor[] },
  inputs: readonly Float64Array[],
  f: (...values: number[]) => number,
): Float64Array {
  const indices = node.inputs.map((x) => broadcastIndex(x.shape, node.shape));
  const size = indices[0]!.length;
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) result[i] = f(...inputs.map((values, k) => values[indices[k]![i]!]!));
  return result;
}

/** Σ of the tangents that are not zero, repeated to `shape`; `null` where all are zero. */
export function totalTangent(terms: readonly Tangent[], shape: Shape): Tangent {
  const present = terms.filter((term) => term !== null);
  return present.length === 0
    ? null
    : broadcastTo(
        present.reduce((a, b) => add(a, b)),
        shape,
      );
}

function binary(
  name: string,
  onnx: string,
  f: (a: number, b: number) => number,
  cotangents: (a: Tensor, b: Tensor, cotangent: Tensor, y: Tensor) => readonly [Tensor, Tensor],
  tangents: (a: Tensor, b: Tensor, forA: Tangent, forB: Tangent, y: Tensor) => readonly Tangent[],
): (a: Operand, b: Operand) => Tensor {
  const op: Op = {
    name,
    vjp: (node, cotangent) => {
      const [a, b] = node.inputs as [Tensor, Tensor];
      const [forA, forB] = cotangents(a, b, cotangent, node);
      return [sumTo(forA, a.shape), sumTo(forB, b.shape)];
    },
    jvp: (node, [forA, forB]) => {
      const [a, b] = node.inputs as [Tensor, Tensor];
      return totalTangent(tangents(a, b, forA!, forB!, node), node.shape);
    },
    map: mapElementwise,
    evaluate: (node, inputs) => evaluateElementwise(node, inputs, f),
    lower: (_node, inputs, emit) => emit.node(onnx, inputs),
  };
  return (a, b) => {
    const inputs = [lift(a), lift(b)] as const;
    return {
      op,
      inputs,
      attributes: {},
      shape: broadcastShapes(name, inputs[0].shape, inputs[1].shape),
      dtype: "float",
    };
  };
}

/** a + b. */
export const add: (a: Operand, b: Operand) => Tensor = binary(
  "add",
  "Add",
  (a, b) => a + b,
  (_a, _b, c) => [c, c],
  (_a, _b, s, t) => [s, t],
);

/** a − b. */
export const sub: (a: Operand, b: Operand) => Tensor = binary(
  "sub",
  "Sub",
  (a, b) => a - b,
  (_a, _b, c) => [c, neg(c)],
  (_a, _b, s, t) => [s, mapTangent(t, neg)],
);

/** a · b, elementwise. */
export const mul: (a: Operand, b: Operand) => Tensor = binary(
  "mul",
  "Mul",
  (a, b) => a * b,
  (a, b, c) => [mul(c, b), mul(c, a)],
  (a, b, s, t) => [mapTangent(s, (x) => mul(x, b)), mapTangent(t, (x) => mul(x, a))],
);

/** a / b, elementwise. */
export const div: (a: Operand, b: Operand) => Tensor = binary(
  "div",
  "Div",
  (a, b) => a / b,
  (_a, b, c, y) => [div(c, b), neg(div(mul(c, y), b))],
  (_a, b, s, t, y) => [mapTangent(s, (x) => div(x, b)), mapTangent(t, (x) => neg(div(mul(x, y), b)))],
);

const negOp: Op = {
  name: "neg",
  vjp: (_node, cotangent) => [neg(cotangent)],
  jvp: (_node, [x]) => mapTangent(x, neg),
  map: mapElementwise,
  evaluate: (_node, [x]) => x!.map((value) => -value),
  lower: (_node, inputs, emit) => emit.node("Neg", inputs),
};

/** −x. */
export function neg(x: Tensor): Tensor {
  return { op: negOp, inputs: [x], attributes: {}, shape: x.shape, dtype: "float" };
}

/** x². */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** Σ aᵢ bᵢ over all elements, a scalar. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return sumTo(mul(a, b), []);
}
