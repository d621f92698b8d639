/** Identities of ops that only move or repeat elements. */
import { mul, neg } from "../ops/arithmetic.ts";
import { broadcastTo, reshape, sum, transpose } from "../ops/shape.ts";
import { concat, pad, slice } from "../ops/slice.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { sameShape, scaledBySingle } from "./arithmetic-rules.ts";
import type { Rule, Rules } from "./simplify.ts";

const numbers = (node: Tensor, name: string): readonly number[] => node.attributes[name] as readonly number[];

const reshapeOfReshape: Rule = (node) => {
  const x = node.inputs[0]!;
  return x.op.name === "reshape" ? reshape(x.inputs[0]!, node.shape) : undefined;
};

const transposeOfTranspose: Rule = (node) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "transpose") return undefined;
  const first = numbers(x, "order");
  return transpose(
    x.inputs[0]!,
    numbers(node, "order").map((axis) => first[axis]!),
  );
};

/** A transposition that leaves the axes longer than one in their order moves nothing. */
const transposeOfUnits: Rule = (node) => {
  const x = node.inputs[0]!;
  const long = numbers(node, "order").filter((axis) => x.shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || long[i - 1]! < axis) ? reshape(x, node.shape) : undefined;
};

const broadcastOfBroadcast: Rule = (node) => {
  const x = node.inputs[0]!;
  return x.op.name === "broadcastTo" ? broadcastTo(x.inputs[0]!, node.shape) : undefined;
};

/** Repeating one number, however it was shaped before. */
const broadcastOfOne: Rule = (node) => {
  const x = node.inputs[0]!;
  return x.op.name === "reshape" && sizeOf(x.shape) === 1 && x.inputs[0]!.shape.length === 0
    ? broadcastTo(x.inputs[0]!, node.shape)
    : undefined;
};

/** Repetition along no axis is a change of shape. */
const broadcastOfSameSize: Rule = (node) =>
  sizeOf(node.shape) === sizeOf(node.inputs[0]!.shape) ? reshape(node.inputs[0]!, node.shape) : undefined;

/** One number repeated, in another shape. */
const reshapeOfRepeatedNumber: Rule = (node) => {
  const x = node.inputs[0]!;
  return x.op.name === "broadcastTo" && x.inputs[0]!.shape.length === 0
    ? broadcastTo(x.inputs[0]!, node.shape)
    : undefined;
};

/** A sum whose axes come back with extent 1 keeps them. */
const reshapeOfSum: Rule = (node, usedOnce) => {
  const total = node.inputs[0]!;
  if (total.op.name !== "sum" || total.attributes.keep === true || !usedOnce(total)) return undefined;
  const kept = sum(total.inputs[0]!, numbers(total, "axes"), true);
  return sameShape(kept.shape, node.shape) ? kept : undefined;
};

const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + b[i]!);

/** Slices of one tensor are cut off together; a slice that others read as well is left to them. */
const sliceOfSlice: Rule = (node, usedOnce) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "slice" || !usedOnce(x)) return undefined;
  return slice(x.inputs[0]!, plus(numbers(node, "starts"), numbers(x, "starts")), node.shape);
};

/** A window that lies within what was padded. */
const sliceOfPad: Rule = (node) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "pad") return undefined;
  const source = x.inputs[0]!;
  const starts = numbers(node, "starts").map((start, axis) => start - numbers(x, "before")[axis]!);
  const within = starts.every((start, axis) => start >= 0 && start + node.shape[axis]! <= source.shape[axis]!);
  return within ? slice(source, starts, node.shape) : undefined;
};

/** A window that lies within one of the parts. */
const sliceOfConcat: Rule = (node) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "concat") return undefined;
  const axis = x.attributes.axis as number;
  const starts = numbers(node, "starts");
  let before = 0;
  for (const part of x.inputs) {
    const start = starts[axis]! - before;
    if (start >= 0 && start + node.shape[axis]! <= part.shape[axis]!)
      return slice(
        part,
        starts.map((value, i) => (i === axis ? start : value)),
        node.shape,
      );
    before += part.shape[axis]!;
  }
  return undefined;
};

/** Whether b is the window of the same tensor that starts along `axis` where a ends. */
const continues = (a: Tensor, b: Tensor, axis: number): boolean => {
  if (a.op.name !== "slice" || b.op.name !== "slice" || a.inputs[0] !== b.inputs[0]) return false;
  const [first, second] = [numbers(a, "starts"), numbers(b, "starts")];
  return first.every((start, i) => (i === axis ? start + a.shape[axis]! : start) === second[i]);
};

/** Neighbouring windows of one tensor side by side are one window. */
const concatOfSlices: Rule = (node) => {
  const axis = node.attributes.axis as number;
  const parts: Tensor[] = [];
  for (const part of node.inputs) {
    const last = parts.at(-1);
    if (last === undefined || !continues(last, part, axis)) parts.push(part);
    else {
      const shape = part.shape.map((extent, i) => (i === axis ? last.shape[axis]! + extent : extent));
      // A window may be the whole: `slice` would return the tensor itself and the next could not be joined to it.
      parts[parts.length - 1] = { ...last, shape };
    }
  }
  if (parts.length === node.inputs.length) return undefined;
  const windows = parts.map((part) =>
    part.op.name === "slice" ? slice(part.inputs[0]!, numbers(part, "starts"), part.shape) : part,
  );
  return concat(windows, axis);
};

const padOfPad: Rule = (node) => {
  const x = node.inputs[0]!;
  if (x.op.name !== "pad") return undefined;
  const source = x.inputs[0]!;
  const before = plus(numbers(node, "before"), numbers(x, "before"));
  const after: Shape = node.shape.map((extent, axis) => extent - before[axis]! - source.shape[axis]!);
  return pad(source, before, after);
};

const toSameShape: Rule = (node) => (sameShape(node.shape, node.inputs[0]!.shape) ? node.inputs[0] : undefined);

/** A transposition of s x or of −x is s times that of x, or its negative. */
const singleOutOfTranspose: Rule = (node, usedOnce) => {
  const operand = node.inputs[0]!;
  const moved = (x: Tensor): Tensor => ({ ...node, inputs: [x] });
  if (operand.op.name === "neg" && usedOnce(operand)) return neg(moved(operand.inputs[0]!));
  const found = scaledBySingle(operand, usedOnce);
  return found === undefined ? undefined : mul(moved(found.x), found.s);
};

/** Identities of movements, by op. */
export const movementRules: Rules = {
  reshape: [toSameShape, reshapeOfReshape, reshapeOfRepeatedNumber, reshapeOfSum],
  transpose: [transposeOfTranspose, transposeOfUnits, singleOutOfTranspose],
  broadcastTo: [toSameShape, broadcastOfBroadcast, broadcastOfOne, broadcastOfSameSize],
  slice: [sliceOfSlice, sliceOfPad, sliceOfConcat],
  concat: [concatOfSlices],
  pad: [padOfPad],
  // What it says matters to derivatives, and those have been taken.
  recomputed: [({ inputs: [value] }) => value],
};
