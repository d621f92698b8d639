import { reshape } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";
import { sameShape } from "./arithmetic-rules.ts";
import type { Rule, Rules } from "./simplify.ts";

/** Ops whose result is, element by element, a function of their broadcast operands. */
export const elementwise: ReadonlySet<string> = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "neg",
  "exp",
  "log",
  "sqrt",
  "tanh",
  "sin",
  "cos",
  "sigmoid",
  "softplus",
  "relu",
  "step",
  "sign",
  "abs",
  "erf",
  "gelu",
  "geluSlope",
  "leakyRelu",
  "power",
  "select",
  "greater",
  "greaterEqual",
  "equal",
  "toFloat",
]);

/** Whether x, as one operand of an elementwise node of shape `from`, means the same in a node of shape `to`: it has only axes that both end with. */
const sameInBoth = (x: Tensor, from: readonly number[], to: readonly number[]): boolean =>
  x.shape.length <= Math.min(from.length, to.length) &&
  x.shape.every((_, k) => from.at(k - x.shape.length) === to.at(k - x.shape.length));

/** f(reshape x, reshape y) = reshape f(x, y), so that changes of shape meet and cancel. */
const reshapeOutwards: Rule = (node, usedOnce) => {
  const moved = node.inputs.find(
    (operand) => operand.op.name === "reshape" && usedOnce(operand) && sameShape(operand.shape, node.shape),
  );
  if (moved === undefined) return undefined;
  const shape = moved.inputs[0]!.shape;
  const inputs: Tensor[] = [];
  for (const operand of node.inputs) {
    const source = operand.inputs[0];
    const alike = operand.op.name === "reshape" && sameShape(operand.shape, node.shape) && usedOnce(operand);
    if (alike && source !== undefined && sameShape(source.shape, shape)) inputs.push(source);
    else if (sameInBoth(operand, node.shape, shape)) inputs.push(operand);
    else return undefined;
  }
  return reshape({ ...node, inputs, shape }, node.shape);
};

/** Identities that every elementwise op shares. */
export const elementwiseRules: Rules = Object.fromEntries([...elementwise].map((name) => [name, [reshapeOutwards]]));
