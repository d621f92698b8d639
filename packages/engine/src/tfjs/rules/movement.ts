/** Ops that move or repeat elements. */
import { numberOf, numbersOf, type TfjsRules } from "./rule.ts";

export const movementRules: TfjsRules = {
  reshape: (tf, [x], node) => tf.reshape(x!, [...node.shape]),
  transpose: (tf, [x], node) => tf.transpose(x!, numbersOf(node, "order")),
  broadcastTo: (tf, [x], node) => tf.broadcastTo(x!, [...node.shape]),
  after: (_tf, [x]) => x!,
  recomputed: (_tf, [value]) => value!,
  slice: (tf, [x], node) => tf.slice(x!, numbersOf(node, "starts"), [...node.shape]),
  pad: (tf, [x], node) => {
    const before = numbersOf(node, "before");
    return tf.pad(
      x!,
      x!.shape.map((extent, axis) => [before[axis]!, node.shape[axis]! - extent - before[axis]!]),
    );
  },
  concat: (tf, inputs, node) => tf.concat([...inputs], numberOf(node, "axis")),
};
