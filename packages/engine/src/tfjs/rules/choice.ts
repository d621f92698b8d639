/** Comparisons, logic, rounding, choices and casts. */
import type { TfjsRules } from "./rule.ts";

export const choiceRules: TfjsRules = {
  greater: (tf, [a, b]) => tf.greater(a!, b!),
  greaterEqual: (tf, [a, b]) => tf.greaterEqual(a!, b!),
  equal: (tf, [a, b]) => tf.equal(a!, b!),
  and: (tf, [a, b]) => tf.logicalAnd(a!, b!),
  or: (tf, [a, b]) => tf.logicalOr(a!, b!),
  not: (tf, [a]) => tf.logicalNot(a!),
  round: (tf, [x]) => tf.round(x!),
  floor: (tf, [x]) => tf.floor(x!),
  ceil: (tf, [x]) => tf.ceil(x!),
  select: (tf, [condition, a, b]) => tf.where(tf.cast(condition!, "bool"), a!, b!),
  step: (tf, [x]) => tf.step(x!),
  sign: (tf, [x]) => tf.sign(x!),
  toFloat: (tf, [x]) => tf.cast(x!, "float32"),
  toInt: (tf, [x]) => tf.cast(x!, "int32"),
  stopGradient: (_tf, [x]) => x!,
};
