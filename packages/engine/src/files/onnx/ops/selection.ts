/** The largest elements, and writing by index. */
import { add, mul, neg, sub } from "../../../ops/arithmetic.ts";
import { gatherElements, scatterAddElements } from "../../../ops/gather.ts";
import { full, transpose } from "../../../ops/shape.ts";
import { pad } from "../../../ops/slice.ts";
import type { Tensor } from "../../../tensor.ts";
import { axisOf, type Call, type OpEntry } from "../call.ts";
import { topPositions } from "../top-positions.ts";
import { fromFront } from "./picking.ts";

/** The order of axes that exchanges one axis with the last; it undoes itself. */
const exchange = (rank: number, axis: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));

/** Values and positions of the largest (or smallest) elements along an axis, in order. */
function top(call: Call): Tensor[] {
  const x = call.input(0);
  const rank = x.shape.length;
  const axis = axisOf(call, call.int("axis", -1), rank);
  const count = call.opset < 10 ? call.int("k", 0) : (call.numbers(1, "the number of elements")[0] ?? 0);
  if (!(count >= 0 && count <= x.shape[axis]!)) throw call.error("shape", `${count} elements of ${x.shape[axis]}.`);
  const rows = transpose(x, exchange(rank, axis));
  const positions = topPositions(call.int("largest", 1) === 0 ? neg(rows) : rows, count);
  return [gatherElements(rows, positions), positions].map((result) => transpose(result, exchange(rank, axis)));
}

/** Updates written (indices distinct) or added at positions along one axis; along the others they may cover a part from 0 on. */
function scattered(call: Call): Tensor {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  const rank = x.shape.length;
  const axis = axisOf(call, call.int("axis", 0), rank);
  if (indices.shape.join() !== updates.shape.join() || indices.shape.length !== rank) {
    throw call.error(
      "shape",
      `indices [${indices.shape.join(", ")}] do not fit updates [${updates.shape.join(", ")}].`,
    );
  }
  if (x.dtype !== "float") throw call.error("onnx-dtype", "only floating-point numbers can be scattered.");
  const mode = call.string("reduction", "none");
  if (mode !== "none" && mode !== "add") {
    throw call.error("onnx-unsupported-variant", `reduction ${JSON.stringify(mode.slice(0, 40))} is not supported.`);
  }
  const order = exchange(rank, axis);
  const at = transpose(fromFront(call, indices, x.shape[axis]!), order);
  const placed = (values: Tensor): Tensor => {
    const part = transpose(scatterAddElements(transpose(values, order), at, x.shape[axis]!), order);
    const rest = x.shape.map((extent, i) => extent - part.shape[i]!);
    return pad(
      part,
      x.shape.map(() => 0),
      rest,
    );
  };
  if (mode === "add") return add(x, placed(updates));
  return add(mul(x, sub(1, placed(full(1, updates.shape)))), placed(updates));
}

/** The largest elements, and writing by index. */
export const selection: readonly OpEntry[] = [
  { name: "TopK", since: 1, limits: "floating-point numbers, the count known at import", translate: top },
  {
    name: "ScatterElements",
    since: 11,
    limits: "written (distinct indices) or added; negative indices only where known at import",
    translate: scattered,
  },
];
