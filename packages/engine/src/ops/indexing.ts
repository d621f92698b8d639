import { EngineError } from "../errors.ts";
import { type Shape, sizeOf } from "../tensor.ts";

/** Distance in the flat data between neighbours along every axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The common shape of operands under NumPy's broadcasting. @throws EngineError `shape` when there is none. */
export function broadcastShapes(what: string, ...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      const extent = shape[i]!;
      if (extent === 1 || extent === result[axis]) continue;
      if (result[axis] !== 1) {
        const listed = shapes.map((s) => `[${s.join(", ")}]`).join(" and ");
        throw new EngineError(
          "shape",
          `${what}: shapes ${listed} do not broadcast; extents must be equal or 1 along every axis.`,
        );
      }
      result[axis] = extent;
    }
  }
  return result;
}

/** For every element of `to`, the flat index of the element of `from` that broadcasting reads there. */
export function broadcastIndex(from: Shape, to: Shape): Int32Array {
  const strides = stridesOf(from);
  const steps = to.map((_, axis) => {
    const own = axis - (to.length - from.length);
    return own < 0 || from[own] === 1 ? 0 : strides[own]!;
  });
  return stridedIndex(to, steps);
}

/** For every element of `shape` in row-major order: `offset` + Σ index[axis] · steps[axis]. */
export function stridedIndex(shape: Shape, steps: readonly number[], offset = 0): Int32Array {
  const result = new Int32Array(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < result.length; i++) {
    result[i] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      at += steps[axis]!;
      if (index[axis]! < shape[axis]!) break;
      at -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** Axes as non-negative, ascending and distinct. @throws EngineError `axis`. */
export function normaliseAxes(what: string, axes: readonly number[] | undefined, rank: number): number[] {
  const all = (axes ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  if (all.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= rank) || new Set(all).size !== all.length) {
    throw new EngineError("axis", `${what}: axes [${axes}] do not fit a tensor of rank ${rank}.`);
  }
  return all.sort((a, b) => a - b);
}
