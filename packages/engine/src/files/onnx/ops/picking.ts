/** Operators that pick elements: slices, splits, lookups and padding. */
import { greater, select, toFloat, toInt } from "../../../ops/compare.ts";
import { gather, gatherElements } from "../../../ops/gather.ts";
import { split } from "../../../ops/pieces.ts";
import { full, reshape, transpose } from "../../../ops/shape.ts";
import { pad, slice } from "../../../ops/slice.ts";
import { stridedSlice } from "../../../ops/stride.ts";
import type { Tensor } from "../../../tensor.ts";
import { axisLength, axisOf, type Call, checkSize, integers, type OpEntry } from "../call.ts";
import { quote } from "../quote.ts";

/** Starts, ends, axes and steps: attributes until opset 9, inputs from 10 on. Ends beyond the tensor mean its end. */
function sliced(call: Call): Tensor {
  const x = call.input(0);
  const part = (index: number, attribute: string): readonly number[] | undefined =>
    call.optional(index) === undefined ? call.ints(attribute) : call.numbers(index, `its ${attribute}`);
  const [from, to] = [part(1, "starts") ?? [], part(2, "ends") ?? []];
  const axes = part(3, "axes") ?? from.map((_, i) => i);
  const by = part(4, "steps") ?? from.map(() => 1);
  if (to.length !== from.length || axes.length !== from.length || by.length !== from.length) {
    throw call.error("shape", "starts, ends, axes and steps differ in number.");
  }
  const [starts, sizes, steps] = [x.shape.map(() => 0), [...x.shape], x.shape.map(() => 1)];
  axes.forEach((given, i) => {
    const axis = axisOf(call, given, x.shape.length);
    const [extent, step] = [x.shape[axis]!, by[i]!];
    if (step === 0) throw call.error("shape", "a step is 0.");
    const at = (position: number, lowest: number, highest: number): number =>
      Math.min(Math.max(position < 0 ? position + extent : position, lowest), highest);
    starts[axis] = step > 0 ? at(from[i]!, 0, extent) : at(from[i]!, 0, Math.max(extent - 1, 0));
    const end = step > 0 ? at(to[i]!, 0, extent) : at(to[i]!, -1, extent - 1);
    sizes[axis] = Math.max(Math.ceil((end - starts[axis]!) / step), 0);
    steps[axis] = sizes[axis]! > 1 ? step : 1;
    if (sizes[axis] === 0) starts[axis] = 0;
  });
  return steps.every((step) => step === 1) ? slice(x, starts, sizes) : stridedSlice(x, starts, sizes, steps);
}

/** Equal pieces, or those that the attribute (until opset 12) or the input says. */
function pieces(call: Call): Tensor[] {
  const x = call.input(0);
  const axis = axisOf(call, call.int("axis", 0), x.shape.length);
  const given = call.optional(1) === undefined ? call.ints("split") : call.numbers(1, "the extents of its pieces");
  const count = call.outputs.length;
  const each = Math.ceil(x.shape[axis]! / count);
  const extents =
    given ?? Array.from({ length: count }, (_, i) => Math.max(Math.min(each, x.shape[axis]! - i * each), 0));
  if (extents.length !== count) throw call.error("shape", `${extents.length} extents for ${count} outputs.`);
  return split(x, extents, axis);
}

/** Indices that are known are counted from the front; others must not be negative. */
function gathered(call: Call): Tensor {
  const [x, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call, call.int("axis", 0), x.shape.length);
  const known = fromFront(call, indices, x.shape[axis]!);
  const value = known.op.name === "constant" && known.shape.length === 0 ? call.values(known)?.[0] : undefined;
  if (value !== undefined) {
    const one = slice(
      x,
      x.shape.map((_, i) => (i === axis ? value : 0)),
      x.shape.map((extent, i) => (i === axis ? 1 : extent)),
    );
    return reshape(
      one,
      x.shape.filter((_, i) => i !== axis),
    );
  }
  return x.dtype === "bool" ? greater(gather(toFloat(x), known, axis), 0) : gather(x, known, axis);
}

/** Indices counted from the front, where they are known; others are taken to be so. @throws EngineError `onnx-dtype`. */
export function fromFront(call: Call, indices: Tensor, extent: number): Tensor {
  if (indices.dtype !== "int") throw call.error("onnx-dtype", "the indices must be integers.");
  const values = indices.op.name === "constant" ? call.values(indices) : undefined;
  if (values === undefined || values.every((index) => index >= 0)) return indices;
  return integers(
    values.map((index) => (index < 0 ? index + extent : index)),
    indices.shape,
  );
}

/** Single elements by index along one axis; along the others x is cut to the extents of the indices. */
function gatheredElements(call: Call): Tensor {
  const [x, indices] = [call.input(0), call.input(1)];
  const rank = x.shape.length;
  if (rank === 0 || indices.shape.length !== rank)
    throw call.error("shape", "the indices must have the rank of the data.");
  const axis = axisOf(call, call.int("axis", 0), rank);
  const cut = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((extent, i) => (i === axis ? extent : indices.shape[i]!)),
  );
  const order = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const at = fromFront(call, indices, x.shape[axis]!);
  return transpose(gatherElements(transpose(cut, order), transpose(at, order)), order);
}

interface Borders {
  readonly before: number[];
  readonly after: number[];
}

/** Borders for every axis: an attribute until opset 10, an input from 11 on, for chosen axes from 18 on. */
function bordersOf(call: Call): Borders {
  const rank = call.input(0).shape.length;
  const pads = call.optional(1) === undefined ? (call.ints("pads") ?? []) : call.numbers(1, "its borders");
  const given = call.optional(3) === undefined ? undefined : call.numbers(3, "its axes");
  const axes = given?.map((axis) => axisOf(call, axis, rank)) ?? Array.from({ length: rank }, (_, i) => i);
  if (pads.length !== 2 * axes.length) throw call.error("shape", `${pads.length} borders for ${axes.length} axes.`);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = pads[i]!;
    after[axis] = pads[axes.length + i]!;
  });
  return { before, after };
}

function padded(call: Call): Tensor {
  const { before, after } = bordersOf(call);
  const [given, mode] = [call.input(0), call.string("mode", "constant")];
  const shape = given.shape.map((extent, axis) => extent + before[axis]! + after[axis]!);
  checkSize(call, { ...given, shape });
  if (mode !== "constant") return reflected(call, given, { before, after }, mode);
  const value =
    call.optional(2) === undefined ? call.float("value", 0) : (call.numbers(2, "the border's value")[0] ?? 0);
  // Negative borders cut off.
  const cut = slice(
    given,
    before.map((n) => Math.max(-n, 0)),
    given.shape.map((extent, axis) => extent + Math.min(before[axis]!, 0) + Math.min(after[axis]!, 0)),
  );
  const widen = (x: Tensor): Tensor =>
    pad(
      x,
      before.map((n) => Math.max(n, 0)),
      after.map((n) => Math.max(n, 0)),
    );
  const x = toFloat(cut);
  const wide = value === 0 ? widen(x) : select(greater(widen(full(1, cut.shape)), 0), widen(x), value);
  if (given.dtype === "float") return wide;
  return given.dtype === "int" ? toInt(wide) : greater(wide, 0);
}

/** Where each mode reads outside of 0 … n − 1. */
const outside: ReadonlyMap<string, (i: number, n: number) => number> = new Map([
  ["edge", (i, n) => Math.min(Math.max(i, 0), n - 1)],
  [
    "reflect",
    (i, n) => {
      const period = Math.max(2 * (n - 1), 1);
      const at = ((i % period) + period) % period;
      return at < n ? at : period - at;
    },
  ],
  ["wrap", (i, n) => ((i % n) + n) % n],
]);

function reflected(call: Call, x: Tensor, { before, after }: Borders, mode: string): Tensor {
  const read = outside.get(mode);
  if (read === undefined) throw call.error("onnx-unsupported-variant", `mode ${quote(mode)} is not supported.`);
  return x.shape.reduce((result, extent, axis) => {
    if (before[axis] === 0 && after[axis] === 0) return result;
    const positions = Array.from(axisLength(call, extent + before[axis]! + after[axis]!), (_, i) =>
      read(i - before[axis]!, extent),
    );
    return gather(result, integers(positions), axis);
  }, x);
}

/** Operators that pick elements. */
export const picking: readonly OpEntry[] = [
  { name: "Slice", since: 1, limits: "bounds known at import", translate: sliced },
  { name: "Split", since: 2, limits: "extents known at import", translate: pieces },
  { name: "Gather", since: 1, limits: "negative indices only where known at import", translate: gathered },
  {
    name: "GatherElements",
    since: 11,
    limits: "negative indices only where known at import",
    translate: gatheredElements,
  },
  { name: "Pad", since: 2, limits: "borders known at import", translate: padded },
];
