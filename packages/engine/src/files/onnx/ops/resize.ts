/** Changes of the extents of axes by reading the nearest element or interpolating. */
import { gather } from "../../../ops/gather.ts";
import { constant } from "../../../ops/leaf.ts";
import { matmul } from "../../../ops/matmul.ts";
import { enlarge } from "../../../ops/pool.ts";
import { reshape, transpose } from "../../../ops/shape.ts";
import type { Tensor } from "../../../tensor.ts";
import { axisLength, type Call, checkSize, integers, type OpEntry } from "../call.ts";
import { quote } from "../quote.ts";

/** From a position in the result to one in the source, by the name of the rule. */
const coordinates: ReadonlyMap<string, (i: number, scale: number, from: number, to: number) => number> = new Map([
  ["asymmetric", (i, scale) => i / scale],
  ["half_pixel", (i, scale) => (i + 0.5) / scale - 0.5],
  ["pytorch_half_pixel", (i, scale, _from, to) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0)],
  ["align_corners", (i, _scale, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0)],
]);

const nearest: ReadonlyMap<string, (position: number) => number> = new Map([
  ["floor", Math.floor],
  ["ceil", Math.ceil],
  ["round_prefer_floor", (p) => Math.ceil(p - 0.5)],
  ["round_prefer_ceil", (p) => Math.floor(p + 0.5)],
]);

/** Extents of the result and scales, from whichever of the two the node gives. */
function resizing(call: Call): { to: readonly number[]; scales: readonly number[] } {
  const x = call.input(0);
  const rank = x.shape.length;
  const at = call.opset < 11 ? 1 : 2;
  const given = call.optional(at) === undefined ? [] : call.numbers(at, "its scales");
  const scales = given.length > 0 ? given : call.attribute("scales")?.kind === "floats" ? scalesAttribute(call) : [];
  const sizes = call.optional(3) === undefined ? undefined : call.numbers(3, "its sizes");
  if (call.has("axes") || (sizes ?? scales).length !== rank) {
    throw call.error("onnx-unsupported-variant", "needs a scale or a size for every axis.");
  }
  const to = sizes ?? x.shape.map((extent, axis) => Math.floor(extent * scales[axis]!));
  checkSize(call, { ...x, shape: to });
  return { to, scales: sizes === undefined ? scales : to.map((extent, axis) => extent / x.shape[axis]!) };
}

function scalesAttribute(call: Call): readonly number[] {
  const found = call.attribute("scales");
  return found?.kind === "floats" ? found.value : [];
}

function resized(call: Call): Tensor {
  const x = call.input(0);
  const { to, scales } = resizing(call);
  const mode = call.string("mode", "nearest");
  const old = call.opset < 11;
  const rule = coordinates.get(old ? "asymmetric" : call.string("coordinate_transformation_mode", "half_pixel"));
  const rounding = nearest.get(old ? "floor" : call.string("nearest_mode", "round_prefer_floor"));
  if (
    rule === undefined ||
    rounding === undefined ||
    !["nearest", "linear"].includes(mode) ||
    call.int("antialias", 0) === 1
  ) {
    throw call.error(
      "onnx-unsupported-variant",
      `mode ${quote(mode)} with these rules of coordinates is not supported.`,
    );
  }
  const positionsOf = (axis: number): number[] =>
    Array.from(axisLength(call, to[axis]!), (_, i) => rule(i, scales[axis]!, x.shape[axis]!, to[axis]!));
  const clamp = (axis: number, i: number): number => Math.min(Math.max(i, 0), x.shape[axis]! - 1);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => to[axis] !== x.shape[axis]);
  if (mode === "nearest") {
    const indices = new Map(
      axes.map((axis) => [axis, positionsOf(axis).map((p) => clamp(axis, rounding(p)))] as const),
    );
    const factor = to.length > 2 ? to[2]! / x.shape[2]! : 0;
    const repeats = x.shape.every((extent, axis) => to[axis] === extent * (axis < 2 ? 1 : factor));
    const whole =
      Number.isInteger(factor) &&
      axes.every((axis) => indices.get(axis)!.every((at, i) => at === Math.floor(i / factor)));
    if (repeats && whole) return enlarge(x, factor);
    return axes.reduce((result, axis) => gather(result, integers(indices.get(axis)!), axis), x);
  }
  return axes.reduce((result, axis) => alongAxis(result, axis, weights(call, positionsOf(axis), x.shape[axis]!)), x);
}

/** Linear interpolation as a matrix [from, to]. */
function weights(call: Call, positions: readonly number[], from: number): Tensor {
  if (positions.length * from > 2 ** 22) throw call.error("onnx-too-large", "linear interpolation of so long an axis.");
  const matrix = new Float64Array(from * positions.length);
  positions.forEach((given, to) => {
    const p = Math.min(Math.max(given, 0), from - 1);
    const low = Math.min(Math.floor(p), from - 1);
    matrix[low * positions.length + to]! += 1 - (p - low);
    if (low + 1 < from) matrix[(low + 1) * positions.length + to]! += p - low;
  });
  return constant(matrix, [from, positions.length]);
}

/** x with one axis multiplied by a matrix [from, to]. */
function alongAxis(x: Tensor, axis: number, matrix: Tensor): Tensor {
  const rank = x.shape.length;
  const order = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const last = transpose(x, order);
  const rows = reshape(last, [-1, x.shape[axis]!]);
  return transpose(reshape(matmul(rows, matrix), [...last.shape.slice(0, -1), matrix.shape[1]!]), order);
}

/** Operators that change extents. */
export const resizes: readonly OpEntry[] = [
  { name: "Resize", since: 10, limits: "nearest and linear, all axes given, no antialiasing", translate: resized },
  { name: "Upsample", since: 7, limits: "nearest and linear", translate: resized },
];
