/** Reductions, and softmax over the last axis. */
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { numbersOf, type TfjsRules } from "./rule.ts";

/** Rows of the first of two sums. Backends add in float32, one after another, so short sums of short sums lose less. */
const rows = 64;

function sumOfProducts(tf: Tfjs, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
  const products = tf.reshape(tf.mul(a, b), [-1]);
  const rest = products.size % rows;
  const even = tf.pad(products, [[0, rest === 0 ? 0 : rows - rest]]);
  return tf.sum(tf.sum(tf.reshape(even, [rows, -1]), 1));
}

export const reductionRules: TfjsRules = {
  sum: (tf, [x], node) => tf.sum(x!, numbersOf(node, "axes"), node.attributes.keep === true),
  max: (tf, [x], node) => tf.max(x!, numbersOf(node, "axes"), node.attributes.keep === true),
  innerProduct: (tf, [a, b]) => sumOfProducts(tf, a!, b!),
  softmax: (tf, [x]) => tf.softmax(x!),
  logSoftmax: (tf, [x]) => tf.logSoftmax(x!),
};
