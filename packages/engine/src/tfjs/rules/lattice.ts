/** Every s-th element along each axis, its adjoint, and cumulative sums. */
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { spreadAxis } from "./plane.ts";
import { numberOf, numbersOf, type TfjsRules } from "./rule.ts";

/** x backwards along the axes with a negative step: steps are positive from then on. */
function upwards(tf: Tfjs, x: TfjsTensor, steps: readonly number[]): TfjsTensor {
  const axes = steps.flatMap((step, axis) => (step < 0 ? [axis] : []));
  return axes.length === 0 ? x : tf.reverse(x, axes);
}

export const latticeRules: TfjsRules = {
  stridedSlice: (tf, [x], node) => {
    const [starts, steps] = [numbersOf(node, "starts"), numbersOf(node, "steps")];
    const begin = starts.map((start, axis) => (steps[axis]! < 0 ? x!.shape[axis]! - 1 - start : start));
    const sizes = steps.map(Math.abs);
    const end = begin.map((first, axis) => first + (node.shape[axis]! - 1) * sizes[axis]! + 1);
    return tf.stridedSlice(upwards(tf, x!, steps), begin, end, sizes);
  },
  spread: (tf, [x], node) => {
    const [starts, steps] = [numbersOf(node, "starts"), numbersOf(node, "steps")];
    const apart = steps.reduce(
      (result, step, axis) => spreadAxis(tf, result, axis, Math.abs(step)),
      upwards(tf, x!, steps),
    );
    const before = starts.map((start, axis) => start + Math.min(0, (x!.shape[axis]! - 1) * steps[axis]!));
    return tf.pad(
      apart,
      apart.shape.map((extent, axis) => [before[axis]!, node.shape[axis]! - extent - before[axis]!]),
    );
  },
  cumulativeSum: (tf, [x], node) =>
    tf.cumsum(x!, numberOf(node, "axis"), node.attributes.exclusive === true, node.attributes.reverse === true),
};
