/** Comparisons, truth values and choices. Comparisons have zero derivative by rule. */
import { equal, greater, greaterEqual, maximum, minimum, select, toFloat, toInt } from "../../../ops/compare.ts";
import { and, not, or } from "../../../ops/discrete.ts";
import { scalar } from "../../../ops/leaf.ts";
import type { Tensor } from "../../../tensor.ts";
import type { Call, OpEntry, Translate } from "../call.ts";
import { knownElementwise, onNumbers } from "../elementwise.ts";
import { dtypeOf } from "../tensor-data.ts";

type Binary = (a: Tensor, b: Tensor) => Tensor;

/** Operands of one type: truth values are compared as numbers. */
const compare =
  (build: Binary): Translate =>
  (call) => {
    const [a, b] = [call.input(0), call.input(1)];
    if (a.dtype !== b.dtype) throw call.error("onnx-dtype", `cannot compare ${a.dtype} with ${b.dtype}.`);
    return a.dtype === "bool" ? build(toFloat(a), toFloat(b)) : build(a, b);
  };

const less: Binary = (a, b) => greater(b, a);
const lessEqual: Binary = (a, b) => greaterEqual(b, a);

const logic =
  (build: Binary): Translate =>
  (call) =>
    build(call.input(0), call.input(1));

function where(call: Call): Tensor {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
  if (condition.dtype !== "bool") throw call.error("onnx-dtype", "the condition must be truth values.");
  if (a.dtype !== b.dtype) throw call.error("onnx-dtype", `cannot choose between ${a.dtype} and ${b.dtype}.`);
  const known = knownElementwise(call, [condition, a, b], (c, x, y) => (c ? x! : y!), a.dtype);
  if (known !== undefined) return known;
  if (a.dtype === "bool") return greater(select(condition, toFloat(a), toFloat(b)), 0);
  return a.dtype === "int" ? toInt(select(condition, toFloat(a), toFloat(b))) : select(condition, a, b);
}

/** x as another type; widths of floating-point numbers and of integers are one type to the engine. */
export function castTo(call: Call, x: Tensor, type: number): Tensor {
  const to = dtypeOf(type, `ONNX operator "Cast": its target`);
  if (to === x.dtype) return x;
  if (to === "float") return toFloat(x);
  if (to === "bool") return not(equal(x.dtype === "float" ? x : toFloat(x), 0));
  const known = knownElementwise(call, [x], (value) => Math.trunc(value!), "int");
  return known ?? toInt(x);
}

/** Limits; where an attribute (opset 6) or an input (opset 11) is left out, that side is open. */
function clip(call: Call): Tensor {
  const x = call.input(0);
  const bound = (index: number, attribute: string): Tensor | undefined =>
    call.optional(index) ?? (call.has(attribute) ? scalar(call.float(attribute, 0)) : undefined);
  const [lower, upper] = [bound(1, "min"), bound(2, "max")];
  let result = x;
  if (lower !== undefined) result = onNumbers(call, [result, lower], Math.max, (a, b) => maximum(a!, b!));
  if (upper !== undefined) result = onNumbers(call, [result, upper], Math.min, (a, b) => minimum(a!, b!));
  return result;
}

/** Comparisons, truth values and choices. */
export const comparison: readonly OpEntry[] = [
  { name: "Equal", since: 7, translate: compare((a, b) => equal(a, b)) },
  { name: "Greater", since: 7, translate: compare((a, b) => greater(a, b)) },
  { name: "GreaterOrEqual", since: 12, translate: compare((a, b) => greaterEqual(a, b)) },
  { name: "Less", since: 7, translate: compare(less) },
  { name: "LessOrEqual", since: 12, translate: compare(lessEqual) },
  { name: "And", since: 7, translate: logic(and) },
  { name: "Or", since: 7, translate: logic(or) },
  { name: "Xor", since: 7, translate: logic((a, b) => not(equal(toFloat(a), toFloat(b)))) },
  { name: "Not", since: 1, translate: (call) => not(call.input(0)) },
  { name: "Where", since: 9, translate: where },
  {
    name: "Cast",
    since: 6,
    limits: "floating-point widths are one type: a cast to float16 does not round",
    translate: (call) => castTo(call, call.input(0), call.int("to", 0)),
  },
  {
    name: "CastLike",
    since: 15,
    translate: (call) => castTo(call, call.input(0), { float: 1, int: 7, bool: 9 }[call.input(1).dtype]),
  },
  { name: "Clip", since: 6, translate: clip },
];
