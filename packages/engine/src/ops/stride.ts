/** Every s-th element along each axis, its adjoint, reversal, and cumulative sums. */
import { EngineError } from "../errors.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { normaliseAxes, stridedIndex, stridesOf } from "./indexing.ts";
import { slice } from "./slice.ts";
import { mapTangent } from "./tangent.ts";

interface Lattice {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

const latticeOf = (node: Tensor): Lattice => node.attributes as unknown as Lattice;

/** For every element of the small tensor, where it lies in the large one. */
function positions(small: Shape, large: Shape, { starts, steps }: Lattice): Int32Array {
  const strides = stridesOf(large);
  const offset = starts.reduce((total, start, axis) => total + start * strides[axis]!, 0);
  return stridedIndex(
    small,
    steps.map((step, axis) => step * strides[axis]!),
    offset,
  );
}

const stridedSliceOp: Op = {
  name: "stridedSlice",
  vjp: (node, cotangent) => {
    const { starts, steps } = latticeOf(node);
    return [spread(cotangent, node.inputs[0]!.shape, starts, steps)];
  },
  jvp: (node, [x]) => mapTangent(x, (t) => stridedSlice(t, latticeOf(node).starts, node.shape, latticeOf(node).steps)),
  evaluate: (node, [x]) =>
    Float64Array.from(positions(node.shape, node.inputs[0]!.shape, latticeOf(node)), (i) => x![i]!),
  lower: (node, [x], emit) => {
    const { starts, steps } = latticeOf(node);
    const axes = node.shape.map((_, axis) => axis);
    // An end below zero counts from the back; one below −extent is before the first element, which is what a backward walk to it needs.
    const ends = axes.map((axis) => {
      const end = starts[axis]! + (node.shape[axis]! - 1) * steps[axis]! + Math.sign(steps[axis]!);
      return end < 0 ? -(2 ** 31) : end;
    });
    return emit.node("Slice", [x!, emit.ints(starts), emit.ints(ends), emit.ints(axes), emit.ints(steps)]);
  },
};

function checkLattice(what: string, large: Shape, small: Shape, { starts, steps }: Lattice): void {
  const inside = large.every((extent, axis) => {
    const [start, step, count] = [starts[axis]!, steps[axis]!, small[axis]!];
    const last = start + (count - 1) * step;
    return (
      Number.isInteger(step) && step !== 0 && count >= 1 && start >= 0 && start < extent && last >= 0 && last < extent
    );
  });
  if (starts.length !== large.length || steps.length !== large.length || small.length !== large.length || !inside) {
    const window = `starts [${starts}], steps [${steps}], sizes [${small}]`;
    throw new EngineError("shape", `${what}: ${window} do not fit in [${large.join(", ")}].`);
  }
}

/**
 * y[i] = x[starts + i · steps] for 0 ≤ i < sizes, along every axis; a negative step walks backwards.
 *
 * @throws EngineError `shape` when an element would lie outside x.
 */
export function stridedSlice(x: Tensor, starts: readonly number[], sizes: Shape, steps: readonly number[]): Tensor {
  checkLattice("stridedSlice", x.shape, sizes, { starts, steps });
  if (steps.every((step) => step === 1)) return slice(x, starts, sizes);
  return { op: stridedSliceOp, inputs: [x], attributes: { starts, steps }, shape: sizes, dtype: x.dtype };
}

const spreadOp: Op = {
  name: "spread",
  vjp: (node, cotangent) => {
    const { starts, steps } = latticeOf(node);
    return [stridedSlice(cotangent, starts, node.inputs[0]!.shape, steps)];
  },
  jvp: (node, [x]) => mapTangent(x, (t) => spread(t, node.shape, latticeOf(node).starts, latticeOf(node).steps)),
  evaluate: (node, [x]) => {
    const result = new Float64Array(sizeOf(node.shape));
    positions(node.inputs[0]!.shape, node.shape, latticeOf(node)).forEach((to, i) => {
      result[to] = x![i]!;
    });
    return result;
  },
  // Zeros behind every element, on an axis of its own that is then merged; Pad with negative numbers cuts off what is too much.
  lower: (node, [x], emit) => {
    const small = node.inputs[0]!.shape;
    const { starts, steps } = latticeOf(node);
    const back = steps.map((step, axis) => (step < 0 ? axis : -1)).filter((axis) => axis >= 0);
    const upwards =
      back.length === 0
        ? x!
        : emit.node("Slice", [
            x!,
            emit.ints(back.map((axis) => small[axis]! - 1)),
            emit.ints(back.map(() => -(2 ** 31))),
            emit.ints(back),
            emit.ints(back.map(() => -1)),
          ]);
    const sizes = steps.map(Math.abs);
    const first = starts.map((start, axis) => (steps[axis]! < 0 ? start + (small[axis]! - 1) * steps[axis]! : start));
    const split = small.flatMap((extent) => [extent, 1]);
    const zeros = emit.ints([...split.map(() => 0), ...sizes.flatMap((size) => [0, size - 1])]);
    const wide = small.map((extent, axis) => extent * sizes[axis]!);
    const apart = emit.node("Pad", [emit.node("Reshape", [upwards, emit.ints(split)]), zeros]);
    const after = node.shape.map((extent, axis) => extent - first[axis]! - wide[axis]!);
    return emit.node("Pad", [emit.node("Reshape", [apart, emit.ints(wide)]), emit.ints([...first, ...after])]);
  },
};

/** The adjoint of `stridedSlice`: y[starts + i · steps] = x[i], zero elsewhere, of the given shape. @throws EngineError `shape`. */
export function spread(x: Tensor, shape: Shape, starts: readonly number[], steps: readonly number[]): Tensor {
  checkLattice("spread", shape, x.shape, { starts, steps });
  return { op: spreadOp, inputs: [x], attributes: { starts, steps }, shape, dtype: "float" };
}

/** x backwards along `axes` (all by default). @throws EngineError `axis`. */
export function reverse(x: Tensor, axes?: readonly number[]): Tensor {
  const over = normaliseAxes("reverse", axes, x.shape.length).filter((axis) => x.shape[axis]! > 1);
  const starts = x.shape.map((extent, axis) => (over.includes(axis) ? extent - 1 : 0));
  const steps = x.shape.map((_, axis) => (over.includes(axis) ? -1 : 1));
  return stridedSlice(x, starts, x.shape, steps);
}

/** Which elements a cumulative sum takes in. */
export interface CumulativeSumOptions {
  /** Leave out the element itself. */
  readonly exclusive?: boolean;
  /** Sum from the back. */
  readonly reverse?: boolean;
}

const cumulativeSumOp: Op = {
  name: "cumulativeSum",
  vjp: (node, cotangent) => {
    const {
      axis,
      exclusive,
      reverse: back,
    } = node.attributes as { axis: number; exclusive: boolean; reverse: boolean };
    return [cumulativeSum(cotangent, axis, { exclusive, reverse: !back })];
  },
  jvp: (node, [x]) =>
    mapTangent(x, (t) => cumulativeSum(t, node.attributes.axis as number, node.attributes as CumulativeSumOptions)),
  evaluate: (node, [x]) => {
    const {
      axis,
      exclusive,
      reverse: back,
    } = node.attributes as { axis: number; exclusive: boolean; reverse: boolean };
    const [extent, after] = [node.shape[axis]!, sizeOf(node.shape.slice(axis + 1))];
    const result = new Float64Array(x!.length);
    for (let row = 0; row < x!.length / extent; row++) {
      const start = Math.floor(row / after) * extent * after + (row % after);
      let total = 0;
      for (let i = 0; i < extent; i++) {
        const at = start + (back ? extent - 1 - i : i) * after;
        if (exclusive) result[at] = total;
        total += x![at]!;
        if (!exclusive) result[at] = total;
      }
    }
    return result;
  },
  lower: (node, [x], emit) => {
    const {
      axis,
      exclusive,
      reverse: back,
    } = node.attributes as { axis: number; exclusive: boolean; reverse: boolean };
    const flags = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: back ? 1 : 0 } };
    return emit.node("CumSum", [x!, emit.ints([axis], [])], flags);
  },
};

/** y[…, i, …] = Σ of x[…, j, …] over j ≤ i along `axis`; j < i if exclusive, j ≥ i (or j > i) if reverse. @throws EngineError `axis`. */
export function cumulativeSum(x: Tensor, axis: number, options: CumulativeSumOptions = {}): Tensor {
  const at = normaliseAxes("cumulativeSum", [axis], x.shape.length)[0]!;
  const attributes = { axis: at, exclusive: options.exclusive ?? false, reverse: options.reverse ?? false };
  return { op: cumulativeSumOp, inputs: [x], attributes, shape: x.shape, dtype: "float" };
}
