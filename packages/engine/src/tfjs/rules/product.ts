/** Matrix products. */
import type { Shape } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import type { TfjsRules } from "./rule.ts";

/** The operand with its leading axes repeated to `batch`: backends pair the matrices of two batches by their position, and nothing else. */
function withBatch(tf: Tfjs, x: TfjsTensor, batch: Shape): TfjsTensor {
  const shape = [...batch, ...x.shape.slice(-2)];
  return shape.join() === x.shape.join() ? x : tf.broadcastTo(x, shape);
}

export const productRules: TfjsRules = {
  matmul: (tf, [a, b], node) => {
    const batch = node.shape.slice(0, -2);
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    return tf.matMul(withBatch(tf, a!, batch), withBatch(tf, b!, batch), transposeA, transposeB);
  },
};
