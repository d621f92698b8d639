import type { Tensor } from "../tensor.ts";

/** A tensor that is cut along one axis into pieces of the given extents, and which slices they are. */
export interface Cut {
  readonly axis: number;
  readonly extents: readonly number[];
  /** Slices and the number of the piece that each of them is. */
  readonly pieces: ReadonlyMap<Tensor, number>;
}

const startsOf = (node: Tensor): readonly number[] => node.attributes.starts as readonly number[];

/** The only axis along which a slice takes less than there is. */
function slicedAxis(node: Tensor): number | undefined {
  const source = node.inputs[0]!;
  const axes = node.shape.map((_, axis) => axis).filter((axis) => node.shape[axis] !== source.shape[axis]);
  return axes.length === 1 ? axes[0] : undefined;
}

/** The cut that gives slices of one source along one axis; those that overlap with an earlier one stay out. */
function cutOf(source: Tensor, axis: number, slices: readonly Tensor[]): Cut {
  const extents: number[] = [];
  const pieces = new Map<Tensor, number>();
  let at = 0;
  const skipTo = (position: number): void => {
    if (position > at) extents.push(position - at);
    at = position;
  };
  for (const slice of [...slices].sort((a, b) => startsOf(a)[axis]! - startsOf(b)[axis]!)) {
    const start = startsOf(slice)[axis]!;
    if (start < at || slice.shape[axis] === 0) continue;
    skipTo(start);
    pieces.set(slice, extents.length);
    skipTo(start + slice.shape[axis]!);
  }
  skipTo(source.shape[axis]!);
  return { axis, extents, pieces };
}

/** Slices that one Split can give: two or more windows of one tensor along one axis that do not overlap. */
export function cutsOf(nodes: readonly Tensor[]): ReadonlyMap<Tensor, Cut> {
  const groups = new Map<Tensor, Map<number, Tensor[]>>();
  for (const node of nodes) {
    const axis = node.op.name === "slice" ? slicedAxis(node) : undefined;
    if (axis === undefined) continue;
    const source = node.inputs[0]!;
    const byAxis = groups.get(source) ?? new Map<number, Tensor[]>();
    groups.set(source, byAxis);
    const slices = byAxis.get(axis);
    if (slices === undefined) byAxis.set(axis, [node]);
    else slices.push(node);
  }
  const cuts = new Map<Tensor, Cut>();
  for (const [source, byAxis] of groups) {
    for (const [axis, slices] of byAxis) {
      if (slices.length < 2) continue;
      const cut = cutOf(source, axis, slices);
      if (cut.pieces.size > 1) for (const slice of cut.pieces.keys()) cuts.set(slice, cut);
    }
  }
  return cuts;
}
