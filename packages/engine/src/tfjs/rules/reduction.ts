/** Reductions, normalisation, and softmax over the last axis. */
import type { Tensor } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { numberOf, numbersOf, type TfjsRules } from "./rule.ts";

/** Rows of the first of two sums. Backends add in float32, one after another, so short sums of short sums lose less. */
const rows = 64;

function sumOfProducts(tf: Tfjs, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
  const products = tf.reshape(tf.mul(a, b), [-1]);
  const rest = products.size % rows;
  const even = tf.pad(products, [[0, rest === 0 ? 0 : rows - rest]]);
  return tf.sum(tf.sum(tf.reshape(even, [rows, -1]), 1));
}

/** Mean over axes that stay with extent 1. */
const average = (tf: Tfjs, x: TfjsTensor, axes: number[]): TfjsTensor =>
  axes.length === 0 ? x : tf.mean(x, axes, true);

/** x − mean x and √(variance + ε). */
function statistics(tf: Tfjs, x: TfjsTensor, node: Tensor): { centred: TfjsTensor; deviation: TfjsTensor } {
  const axes = numbersOf(node, "axes");
  const centred = tf.sub(x, average(tf, x, axes));
  const variance = average(tf, tf.square(centred), axes);
  return { centred, deviation: tf.sqrt(tf.add(variance, tf.scalar(numberOf(node, "epsilon")))) };
}

export const reductionRules: TfjsRules = {
  sum: (tf, [x], node) => tf.sum(x!, numbersOf(node, "axes"), node.attributes.keep === true),
  max: (tf, [x], node) => tf.max(x!, numbersOf(node, "axes"), node.attributes.keep === true),
  // One operand after another, in pairs.
  innerProduct: (tf, operands) =>
    operands
      .filter((_, i) => i % 2 === 0)
      .map((a, pair) => sumOfProducts(tf, a, operands[2 * pair + 1]!))
      .reduce((total, term) => tf.add(total, term)),
  standardise: (tf, [x], node) => {
    const { centred, deviation } = statistics(tf, x!, node);
    return tf.div(centred, deviation);
  },
  inverseDeviation: (tf, [x], node) => tf.div(tf.scalar(1), statistics(tf, x!, node).deviation),
  softmax: (tf, [x]) => tf.softmax(x!),
  logSoftmax: (tf, [x]) => tf.logSoftmax(x!),
};
