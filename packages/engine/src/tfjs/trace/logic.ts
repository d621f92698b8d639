/** Kernels that compare, choose or change the type. */
import { EngineError } from "../../errors.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { equal, greater, greaterEqual, select, toFloat } from "../../ops/compare.ts";
import { and, argMax, argMin, not, oneHot, or } from "../../ops/discrete.ts";
import { constant } from "../../ops/leaf.ts";
import type { Tensor } from "../../tensor.ts";
import type { KernelCall, TraceRule, TraceRules } from "./rule.ts";

const compare =
  (f: (a: Tensor, b: Tensor) => Tensor): TraceRule =>
  ({ operand }) =>
    f(toFloat(operand("a")), toFloat(operand("b")));

/** Constants change their type with their values; other numbers become integers nowhere in the engine. */
function cast({ operand, attributes }: KernelCall): Tensor {
  const { dtype } = attributes as { dtype: string };
  const x = operand("x");
  if (dtype === "float32") return toFloat(x);
  if (dtype === "bool") return x.dtype === "bool" ? x : not(equal(toFloat(x), 0));
  if (x.dtype === "int") return x;
  // Layers turn their inputs into float32 first, whatever they were.
  if (x.op.name === "toFloat" && x.inputs[0]!.dtype === "int") return x.inputs[0]!;
  if (x.op.name === "constant") return constant((x.attributes.value as Float64Array).map(Math.trunc), x.shape, "int");
  throw new EngineError(
    "unsupported-op",
    `The TensorFlow.js kernel "Cast" was asked to turn ${x.dtype} into ${dtype} while tracing. Indices must be inputs of dtype "int".`,
  );
}

export const logicRules: TraceRules = {
  Greater: compare(greater),
  GreaterEqual: compare(greaterEqual),
  Less: compare((a, b) => greater(b, a)),
  LessEqual: compare((a, b) => greaterEqual(b, a)),
  Equal: compare(equal),
  NotEqual: compare((a, b) => not(equal(a, b))),
  LogicalAnd: ({ operand }) => and(operand("a"), operand("b")),
  LogicalOr: ({ operand }) => or(operand("a"), operand("b")),
  LogicalNot: ({ operand }) => not(operand("x")),
  Select: ({ operand }) => select(operand("condition"), toFloat(operand("t")), toFloat(operand("e"))),
  Cast: cast,
  Identity: ({ operand }) => operand("x"),
  ArgMax: ({ operand, attributes }) => argMax(operand("x"), (attributes as { axis: number }).axis),
  ArgMin: ({ operand, attributes }) => argMin(operand("x"), (attributes as { axis: number }).axis),
  OneHot: ({ operand, attributes }) => {
    const { depth, onValue, offValue } = attributes as { depth: number; onValue: number; offValue: number };
    return add(mul(oneHot(operand("indices"), depth), onValue - offValue), offValue);
  },
};
