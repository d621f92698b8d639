/** Sums over windows and their adjoint, axis by axis, so that no tensor has more than four axes. */
import { type Shape, sizeOf } from "../../tensor.ts";
import { numberOf, type TfjsRules } from "./rule.ts";

/** Number of elements before and after an axis. */
const around = (shape: Shape, axis: number): readonly [number, number] => [
  sizeOf(shape.slice(0, axis)),
  sizeOf(shape.slice(axis + 1)),
];

export const poolingRules: TfjsRules = {
  sumPool: (tf, [x], node) => {
    const size = numberOf(node, "size");
    let result = x!;
    for (let axis = 2; axis < node.shape.length; axis++) {
      const shape = result.shape.map((extent, i) => (i === axis ? extent / size : extent));
      const [before, after] = around(shape, axis);
      result = tf.reshape(tf.sum(tf.reshape(result, [before, shape[axis]!, size, after]), 2), shape);
    }
    return result;
  },
  enlarge: (tf, [x], node) => {
    const size = numberOf(node, "size");
    let result = x!;
    for (let axis = 2; axis < node.shape.length; axis++) {
      const shape = result.shape.map((extent, i) => (i === axis ? extent * size : extent));
      const [before, after] = around(result.shape, axis);
      const runs = tf.reshape(result, [before * result.shape[axis]!, 1, after]);
      result = tf.reshape(tf.tile(runs, [1, size, 1]), shape);
    }
    return result;
  },
};
