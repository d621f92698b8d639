/**
 * Reading by index and its adjoint, adding by index: whole rows along an axis, or single elements along the last one.
 *
 * Derivatives run through the values only; indices are integers and have none. Indices count from 0 and must lie inside; constants are checked when the node
 * is built, others by whatever runs the program.
 */
import { EngineError } from "../errors.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { normaliseAxes } from "./indexing.ts";
import { mapTangent } from "./tangent.ts";

function checkIndices(what: string, indices: Tensor, extent: number): void {
  if (indices.dtype !== "int")
    throw new EngineError(
      "dtype",
      `${what}: indices hold ${indices.dtype}; they must be int. Use an input or constant of dtype "int".`,
    );
  if (indices.op.name !== "constant") return;
  const bad = (indices.attributes.value as Float64Array).find((i) => !(Number.isInteger(i) && i >= 0 && i < extent));
  if (bad !== undefined) throw new EngineError("index", `${what}: index ${bad} is not one of 0 … ${extent - 1}.`);
}

/** Extents before, along and after an axis. */
function around(shape: Shape, axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** Calls f with the flat positions (in the indexed tensor, in the tensor of picked rows) of every element that an index pairs. */
function forEachPair(whole: Shape, axis: number, indices: Float64Array, f: (at: number, picked: number) => void): void {
  const [before, extent, after] = around(whole, axis);
  for (let b = 0; b < before; b++) {
    indices.forEach((index, j) => {
      for (let a = 0; a < after; a++) f((b * extent + index) * after + a, (b * indices.length + j) * after + a);
    });
  }
}

const gatherOp: Op = {
  name: "gather",
  vjp: (node, cotangent) => {
    const [x, indices] = node.inputs as [Tensor, Tensor];
    const axis = node.attributes.axis as number;
    return [scatterAdd(cotangent, indices, x.shape[axis]!, axis), null];
  },
  jvp: (node, [x]) => mapTangent(x, (t) => gather(t, node.inputs[1]!, node.attributes.axis as number)),
  evaluate: (node, [x, indices]) => {
    const result = new Float64Array(sizeOf(node.shape));
    forEachPair(node.inputs[0]!.shape, node.attributes.axis as number, indices!, (at, picked) => {
      result[picked] = x![at]!;
    });
    return result;
  },
  lower: (node, inputs, emit) => emit.node("Gather", inputs, { axis: { int: node.attributes.axis as number } }),
};

/**
 * Rows by index: y[…, j…, …] = x[…, indices[j…], …] along `axis`; an embedding is `gather(table, indices)`.
 *
 * @param indices integers of any shape, which takes the place of the axis.
 * @throws EngineError `axis`, `dtype` or `index`.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const at = normaliseAxes("gather", [axis], x.shape.length)[0]!;
  checkIndices("gather", indices, x.shape[at]!);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  return { op: gatherOp, inputs: [x, indices], attributes: { axis: at }, shape, dtype: x.dtype };
}

const scatterAddOp: Op = {
  name: "scatterAdd",
  vjp: (node, cotangent) => [gather(cotangent, node.inputs[1]!, node.attributes.axis as number), null],
  jvp: (node, [x]) => {
    const axis = node.attributes.axis as number;
    return mapTangent(x, (t) => scatterAdd(t, node.inputs[1]!, node.shape[axis]!, axis));
  },
  evaluate: (node, [updates, indices]) => {
    const result = new Float64Array(sizeOf(node.shape));
    forEachPair(node.shape, node.attributes.axis as number, indices!, (at, picked) => {
      result[at]! += updates![picked]!;
    });
    return result;
  },
  // ScatterElements (reduction since operator set 16) and not ScatterND: the runtime runs the latter on several threads, which may lose an addition where
  // two indices are equal.
  lower: (node, [updates, indices], emit) => {
    const [before, extent, after] = around(node.shape, node.attributes.axis as number);
    const count = sizeOf(node.inputs[1]!.shape);
    const rows = emit.node("Reshape", [updates!, emit.ints([before, count, after])]);
    const column = emit.node("Reshape", [indices!, emit.ints([1, count, 1])]);
    const everywhere = emit.node("Expand", [column, emit.ints([before, count, after])]);
    const zeros = emit.node("Expand", [emit.float([0], []), emit.ints([before, extent, after])]);
    const total = emit.node("ScatterElements", [zeros, everywhere, rows], {
      axis: { int: 1 },
      reduction: { string: "add" },
    });
    return emit.node("Reshape", [total, emit.ints(node.shape)]);
  },
};

/**
 * The adjoint of `gather`: y[…, k, …] = Σ of updates[…, j…, …] over all j with indices[j…] = k, for 0 ≤ k < extent.
 *
 * @param axis where the axes of the indices begin in `updates`, and the result's axis of that extent.
 * @throws EngineError `shape`, `dtype` or `index`.
 */
export function scatterAdd(updates: Tensor, indices: Tensor, extent: number, axis = 0): Tensor {
  const rank = indices.shape.length;
  const at = axis < 0 ? axis + updates.shape.length - rank + 1 : axis;
  if (at < 0 || updates.shape.slice(at, at + rank).join() !== indices.shape.join()) {
    const listed = `indices [${indices.shape.join(", ")}] at axis ${axis} of [${updates.shape.join(", ")}]`;
    throw new EngineError("shape", `scatterAdd: ${listed} do not fit.`);
  }
  checkIndices("scatterAdd", indices, extent);
  const shape = [...updates.shape.slice(0, at), extent, ...updates.shape.slice(at + rank)];
  return { op: scatterAddOp, inputs: [updates, indices], attributes: { axis: at }, shape, dtype: "float" };
}

/** The shape with its last extent replaced. */
const withLast = (shape: Shape, last: number): number[] => [...shape.slice(0, -1), last];

function checkLeading(what: string, x: Tensor, indices: Tensor): void {
  if (x.shape.length === 0 || withLast(x.shape, 0).join() !== withLast(indices.shape, 0).join()) {
    const listed = `[${x.shape.join(", ")}] and indices [${indices.shape.join(", ")}]`;
    throw new EngineError("shape", `${what}: ${listed} must agree in all axes but the last.`);
  }
}

const gatherElementsOp: Op = {
  name: "gatherElements",
  vjp: (node, cotangent) => [scatterAddElements(cotangent, node.inputs[1]!, node.inputs[0]!.shape.at(-1)!), null],
  jvp: (node, [x]) => mapTangent(x, (t) => gatherElements(t, node.inputs[1]!)),
  evaluate: (node, [x, indices]) => {
    const [from, to] = [node.inputs[0]!.shape.at(-1)!, node.shape.at(-1)!];
    return indices!.map((index, i) => x![Math.floor(i / to) * from + index]!);
  },
  lower: (_node, inputs, emit) => emit.node("GatherElements", inputs, { axis: { int: -1 } }),
};

/** Elements by index along the last axis: y[…, j] = x[…, indices[…, j]]. @throws EngineError `shape`, `dtype` or `index`. */
export function gatherElements(x: Tensor, indices: Tensor): Tensor {
  checkLeading("gatherElements", x, indices);
  checkIndices("gatherElements", indices, x.shape.at(-1)!);
  return { op: gatherElementsOp, inputs: [x, indices], attributes: {}, shape: indices.shape, dtype: x.dtype };
}

const scatterAddElementsOp: Op = {
  name: "scatterAddElements",
  vjp: (node, cotangent) => [gatherElements(cotangent, node.inputs[1]!), null],
  jvp: (node, [x]) => mapTangent(x, (t) => scatterAddElements(t, node.inputs[1]!, node.shape.at(-1)!)),
  evaluate: (node, [updates, indices]) => {
    const [from, to] = [node.inputs[1]!.shape.at(-1)!, node.shape.at(-1)!];
    const result = new Float64Array(sizeOf(node.shape));
    indices!.forEach((index, i) => {
      result[Math.floor(i / from) * to + index]! += updates![i]!;
    });
    return result;
  },
  lower: (node, [updates, indices], emit) => {
    const zeros = emit.node("Expand", [emit.float([0], []), emit.ints(node.shape)]);
    return emit.node("ScatterElements", [zeros, indices!, updates!], {
      axis: { int: -1 },
      reduction: { string: "add" },
    });
  },
};

/** The adjoint of `gatherElements`: y[…, k] = Σ of updates[…, j] over all j with indices[…, j] = k, for 0 ≤ k < extent. @throws EngineError `shape`. */
export function scatterAddElements(updates: Tensor, indices: Tensor, extent: number): Tensor {
  checkLeading("scatterAddElements", updates, indices);
  if (updates.shape.at(-1) !== indices.shape.at(-1))
    throw new EngineError(
      "shape",
      `scatterAddElements: ${updates.shape.at(-1)} updates a row for ${indices.shape.at(-1)} indices.`,
    );
  checkIndices("scatterAddElements", indices, extent);
  const shape = withLast(updates.shape, extent);
  return { op: scatterAddElementsOp, inputs: [updates, indices], attributes: {}, shape, dtype: "float" };
}
