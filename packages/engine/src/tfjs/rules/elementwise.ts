/** Functions of one number and arithmetic with broadcasting: TensorFlow.js has each of them. */
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { numberOf, type TfjsRules } from "./rule.ts";

/** Φ(x) = (1 + erf(x/√2)) / 2. */
const probability = (tf: Tfjs, x: TfjsTensor): TfjsTensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/** φ(x) = e^(−x²/2) / √(2π). */
const density = (tf: Tfjs, x: TfjsTensor): TfjsTensor =>
  tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

export const elementwiseRules: TfjsRules = {
  add: (tf, [a, b]) => tf.add(a!, b!),
  sub: (tf, [a, b]) => tf.sub(a!, b!),
  mul: (tf, [a, b]) => tf.mul(a!, b!),
  div: (tf, [a, b]) => tf.div(a!, b!),
  neg: (tf, [x]) => tf.neg(x!),
  abs: (tf, [x]) => tf.abs(x!),
  exp: (tf, [x]) => tf.exp(x!),
  log: (tf, [x]) => tf.log(x!),
  sqrt: (tf, [x]) => tf.sqrt(x!),
  sin: (tf, [x]) => tf.sin(x!),
  cos: (tf, [x]) => tf.cos(x!),
  sinh: (tf, [x]) => tf.sinh(x!),
  cosh: (tf, [x]) => tf.cosh(x!),
  tanh: (tf, [x]) => tf.tanh(x!),
  atan: (tf, [x]) => tf.atan(x!),
  erf: (tf, [x]) => tf.erf(x!),
  gelu: (tf, [x]) => tf.mul(x!, probability(tf, x!)),
  geluSlope: (tf, [x]) => tf.add(probability(tf, x!), tf.mul(x!, density(tf, x!))),
  sigmoid: (tf, [x]) => tf.sigmoid(x!),
  softplus: (tf, [x]) => tf.softplus(x!),
  relu: (tf, [x]) => tf.relu(x!),
  leakyRelu: (tf, [x], node) => tf.leakyRelu(x!, numberOf(node, "slope")),
  power: (tf, [x], node) => tf.pow(x!, tf.scalar(numberOf(node, "exponent"))),
};
