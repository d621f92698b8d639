/** Operators that make tensors from nothing or from shapes: these fold into constants at import. */
import { equal, greaterEqual, select, toFloat, toInt } from "../../../ops/compare.ts";
import { constant, scalar } from "../../../ops/leaf.ts";
import { broadcastTo, reshape } from "../../../ops/shape.ts";
import { type DType, sizeOf, type Tensor } from "../../../tensor.ts";
import { axisOf, type Call, checkSize, integers, type OpEntry } from "../call.ts";
import { dtypeOf } from "../tensor-data.ts";

/** Most elements of a range or a mask, which are written out. */
const largest = 2 ** 22;

function constantNode(call: Call): Tensor {
  const stored = call.attribute("value");
  if (stored?.kind === "tensor") return call.stored(stored.value);
  if (call.has("value_float")) return scalar(call.float("value_float", 0));
  if (call.has("value_int")) return integers([call.int("value_int", 0)], []);
  const ints = call.ints("value_ints");
  if (ints !== undefined) return integers(ints);
  const floats = call.attribute("value_floats");
  if (floats?.kind === "floats") return constant(floats.value, [floats.value.length]);
  throw call.error("onnx-dtype", "the constant is neither a dense tensor nor numbers.");
}

/** One number repeated: stays one number and a shape, whatever that shape claims. */
function filled(call: Call, value: Tensor, shape: readonly number[]): Tensor {
  const target = { ...value, shape };
  checkSize(call, target);
  return broadcastTo(value, shape);
}

function constantOfShape(call: Call): Tensor {
  const shape = call.numbers(0, "the shape");
  const stored = call.attribute("value");
  const value = stored?.kind === "tensor" ? call.stored(stored.value) : scalar(0);
  const numbers = call.values(value);
  if (numbers === undefined || numbers.length !== 1) throw call.error("onnx-data", "the value must be one number.");
  return filled(call, constant(numbers, [], value.dtype), shape);
}

function range(call: Call): Tensor {
  const [start, limit, delta] = [0, 1, 2].map((i) => call.numbers(i, "start, limit and delta")[0] ?? Number.NaN) as [
    number,
    number,
    number,
  ];
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!(count <= largest))
    throw call.error("onnx-too-large", `Range(${start}, ${limit}, ${delta}) is not finite or too long.`);
  return constant(
    Float64Array.from({ length: count }, (_, i) => start + i * delta),
    [count],
    call.input(0).dtype,
  );
}

/** Extents of a tensor, from `start` to `end` where the node says so (opset 15). */
function shapeOf(call: Call): Tensor {
  const { shape } = call.input(0);
  return integers(shape.slice(call.int("start", 0), call.has("end") ? call.int("end", 0) : undefined));
}

function eyeLike(call: Call): Tensor {
  const { shape, dtype } = call.input(0);
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2 || rows * columns > largest) {
    throw call.error("shape", `needs a matrix, not [${shape.join(", ")}].`);
  }
  return diagonal(
    rows,
    columns,
    call.int("k", 0),
    call.has("dtype") ? dtypeOf(call.int("dtype", 1), "EyeLike") : dtype,
  );
}

function diagonal(rows: number, columns: number, k: number, dtype: DType): Tensor {
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    if (row + k >= 0 && row + k < columns) values[row * columns + row + k] = 1;
  }
  return constant(values, [rows, columns], dtype);
}

/** Keeps one triangle of the last two axes. */
function trilu(call: Call): Tensor {
  const x = call.input(0);
  const [rows, columns] = x.shape.slice(-2);
  if (rows === undefined || columns === undefined || rows * columns > largest) {
    throw call.error("shape", `needs matrices, not [${x.shape.join(", ")}].`);
  }
  const k = call.optional(1) === undefined ? 0 : (call.numbers(1, "the diagonal")[0] ?? 0);
  const upper = call.int("upper", 1) === 1;
  const values = Float64Array.from({ length: rows * columns }, (_, i) => {
    const offset = (i % columns) - Math.floor(i / columns);
    return Number(upper ? offset >= k : offset <= k);
  });
  const kept = select(constant(values, [rows, columns], "bool"), toFloat(x), 0);
  if (x.dtype === "float") return kept;
  return x.dtype === "int" ? toInt(kept) : greaterEqual(kept, 1);
}

/** off + (on − off) · [index = position] along a new axis; a negative index counts from the end. */
function oneHot(call: Call): Tensor {
  const indices = call.input(0);
  const depth = call.numbers(1, "the depth")[0] ?? 0;
  const [off, on] = call.numbers(2, "the values");
  if (!(depth >= 0 && depth <= largest) || off === undefined || on === undefined) {
    throw call.error("onnx-data", "depth and values do not fit.");
  }
  const axis = axisOf(call, call.int("axis", -1), indices.shape.length + 1);
  const shape = [...indices.shape.slice(0, axis), 1, ...indices.shape.slice(axis)];
  const along = shape.map((_, i) => (i === axis ? depth : 1));
  const at = (from: number): Tensor =>
    constant(
      Float64Array.from({ length: depth }, (_, i) => i + from),
      along,
    );
  const expanded = reshape(toFloat(indices), shape);
  const hit = select(equal(expanded, at(0)), on, select(equal(expanded, at(-depth)), on, off));
  return call.input(2).dtype === "int" ? toInt(hit) : hit;
}

/** Operators that make tensors. */
export const creation: readonly OpEntry[] = [
  { name: "Constant", since: 1, limits: "no text, no sparse tensors", translate: constantNode },
  { name: "ConstantOfShape", since: 9, translate: constantOfShape },
  { name: "Range", since: 11, limits: "bounds known at import", translate: range },
  { name: "Shape", since: 1, translate: shapeOf },
  { name: "Size", since: 1, translate: (call) => integers([sizeOf(call.input(0).shape)], []) },
  { name: "EyeLike", since: 9, translate: eyeLike },
  { name: "Trilu", since: 14, translate: trilu },
  { name: "OneHot", since: 9, translate: oneHot },
];
