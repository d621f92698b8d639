/** Operators that give the same elements another shape or order. */
import { broadcastShapes } from "../../../ops/indexing.ts";
import { broadcastTo, reshape, transpose } from "../../../ops/shape.ts";
import { concat } from "../../../ops/slice.ts";
import { type Shape, sizeOf, type Tensor } from "../../../tensor.ts";
import { axisOf, type Call, checkSize, type OpEntry } from "../call.ts";
import { castTo } from "./comparison.ts";

/** −1 is what is left, 0 the extent of x itself unless `allowzero` says that it is zero. */
function reshaped(call: Call): Tensor {
  const x = call.input(0);
  const given = call.optional(1) === undefined ? (call.ints("shape") ?? []) : call.numbers(1, "the shape");
  const keepsZero = call.int("allowzero", 0) === 1;
  const target = given.map((extent, i) => (extent === 0 && !keepsZero ? (x.shape[i] ?? 0) : extent));
  if (target.filter((extent) => extent === -1).length > 1) throw call.error("shape", "two extents are −1.");
  checkSize(call, { ...x, shape: target.map(Math.abs) });
  return reshape(x, target);
}

function flatten(call: Call): Tensor {
  const x = call.input(0);
  const axis = call.int("axis", 1);
  const at = axis === x.shape.length ? axis : axisOf(call, axis, x.shape.length + 1) - (axis < 0 ? 1 : 0);
  return reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
}

/** Axes of Squeeze and Unsqueeze: an attribute until opset 12, an input from 13 on. */
const axesOf = (call: Call, rank: number): number[] | undefined => {
  const given = call.optional(1) === undefined ? call.ints("axes") : call.numbers(1, "the axes");
  return given?.map((axis) => axisOf(call, axis, rank));
};

function squeeze(call: Call): Tensor {
  const x = call.input(0);
  const axes = axesOf(call, x.shape.length);
  const gone = axes ?? x.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  const wide = gone.find((axis) => x.shape[axis] !== 1);
  if (wide !== undefined) throw call.error("shape", `axis ${wide} of [${x.shape.join(", ")}] is not of extent 1.`);
  return reshape(
    x,
    x.shape.filter((_, axis) => !gone.includes(axis)),
  );
}

function unsqueeze(call: Call): Tensor {
  const x = call.input(0);
  const count = (call.optional(1) === undefined ? call.ints("axes") : call.numbers(1, "the axes"))?.length ?? 0;
  const axes = new Set(axesOf(call, x.shape.length + count));
  if (axes.size !== count || x.shape.length + count > 32)
    throw call.error("axis", "the axes are not distinct or too many.");
  const rest = [...x.shape];
  const shape = Array.from({ length: x.shape.length + count }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!));
  return reshape(x, shape);
}

function permuted(call: Call): Tensor {
  return transpose(call.input(0), call.ints("perm"));
}

function joined(call: Call): Tensor {
  const parts = Array.from({ length: call.count }, (_, i) => call.input(i));
  if (parts.some((part) => part.dtype !== parts[0]?.dtype)) throw call.error("onnx-dtype", "the parts differ in type.");
  const axis = axisOf(call, call.int("axis", 0), call.input(0).shape.length);
  const present = parts.filter((part) => part.shape[axis] !== 0);
  return concat(present.length === 0 ? parts.slice(0, 1) : present, axis);
}

/** NumPy's broadcasting in both directions: an extent of 1 in the shape keeps that of x. */
function expand(call: Call): Tensor {
  const x = call.input(0);
  const shape = call.numbers(1, "the shape");
  const target = broadcastShapes("Expand", x.shape, shape);
  checkSize(call, { ...x, shape: target });
  return broadcastTo(x, target);
}

/** Repeats along every axis: a new axis in front of each, broadcast and merged. */
function tile(call: Call): Tensor {
  const x = call.input(0);
  const repeats = call.numbers(1, "the repeats");
  if (repeats.length !== x.shape.length)
    throw call.error("shape", `${repeats.length} repeats for rank ${x.shape.length}.`);
  const shape = x.shape.map((extent, axis) => extent * repeats[axis]!);
  checkSize(call, { ...x, shape });
  const split = x.shape.flatMap((extent) => [1, extent]);
  const wide = x.shape.flatMap((extent, axis) => [repeats[axis]!, extent]);
  return reshape(broadcastTo(reshape(x, split), wide), shape);
}

/** Channels to space in blocks: [B, C, H, W] → [B, C / s², H s, W s]. */
function depthToSpace(call: Call): Tensor {
  const x = call.input(0);
  const [s, [b, c, h, w]] = [call.int("blocksize", 0), x.shape] as const;
  if (b === undefined || c === undefined || h === undefined || w === undefined || x.shape.length !== 4 || s < 1) {
    throw call.error("shape", `needs [batch, channels, height, width] and a block size, not [${x.shape.join(", ")}].`);
  }
  const crd = call.string("mode", "DCR") === "CRD";
  const split: Shape = crd ? [b, c / s / s, s, s, h, w] : [b, s, s, c / s / s, h, w];
  const order = crd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return reshape(transpose(reshape(x, split), order), [b, c / s / s, h * s, w * s]);
}

/** Space to channels in blocks: [B, C, H, W] → [B, C s², H / s, W / s]. */
function spaceToDepth(call: Call): Tensor {
  const x = call.input(0);
  const [s, [b, c, h, w]] = [call.int("blocksize", 0), x.shape] as const;
  if (b === undefined || c === undefined || h === undefined || w === undefined || x.shape.length !== 4 || s < 1) {
    throw call.error("shape", `needs [batch, channels, height, width] and a block size, not [${x.shape.join(", ")}].`);
  }
  const split = reshape(x, [b, c, h / s, s, w / s, s]);
  return reshape(transpose(split, [0, 3, 5, 1, 2, 4]), [b, c * s * s, h / s, w / s]);
}

/** The identity in inference; the training form is refused where it would draw random numbers. */
function dropout(call: Call): Tensor[] {
  const x = call.input(0);
  const training = call.optional(2) !== undefined && call.numbers(2, "training_mode")[0] !== 0;
  const ratio = call.optional(1) === undefined ? call.float("ratio", 0.5) : (call.numbers(1, "the ratio")[0] ?? 0);
  if (training && ratio !== 0) {
    throw call.error(
      "onnx-random",
      "the model drops activations at random. Export it with dropout off: model.eval(), or p = 0 where batch norm must stay in training mode.",
    );
  }
  return [
    x,
    castTo(
      call,
      broadcastTo(
        reshape(
          call.stored(one),
          x.shape.map(() => 1),
        ),
        x.shape,
      ),
      9,
    ),
  ];
}

/** A stored 1, for masks that keep everything. */
const one = { name: "", dims: [], type: 9, numbers: [1] } as const;

/** Operators that move elements. */
export const movement: readonly OpEntry[] = [
  { name: "Identity", since: 1, translate: (call) => call.input(0) },
  { name: "Dropout", since: 7, limits: "inference, or ratio 0", translate: dropout },
  { name: "Reshape", since: 5, limits: "shapes known at import", translate: reshaped },
  { name: "Flatten", since: 1, translate: flatten },
  { name: "Squeeze", since: 1, translate: squeeze },
  { name: "Unsqueeze", since: 1, translate: unsqueeze },
  { name: "Transpose", since: 1, translate: permuted },
  { name: "Concat", since: 4, translate: joined },
  { name: "Expand", since: 8, limits: "shapes known at import", translate: expand },
  { name: "Tile", since: 6, limits: "repeats known at import", translate: tile },
  { name: "DepthToSpace", since: 1, translate: depthToSpace },
  { name: "SpaceToDepth", since: 1, translate: spaceToDepth },
];
