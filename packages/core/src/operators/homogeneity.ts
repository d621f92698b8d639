import { type Tensor, topologicalOrder, uniformValue } from "@recon/engine";
import { traceModel } from "../attacks/model-layers.ts";
import { ReconError } from "../errors.ts";
import type { Model } from "../problem.ts";

/** f(x; c Θ) = c^degree f(x; Θ) for every c > 0, or what breaks that. */
export type Homogeneity = { readonly degree: number } | { readonly layer: string; readonly reason: string };

/** Growth of a node when all parameters are multiplied by c: c to this power; `any` for zeros. */
type Degree = number | "any";

/** Linear in the first operand, or homogeneous of degree one in it. */
const preserving: ReadonlySet<string> = new Set([
  ...["neg", "reshape", "transpose", "broadcastTo", "sum", "mean", "max", "min", "slice", "stridedSlice", "pad"],
  ...["relu", "leakyRelu", "abs", "maxPool", "avgPool", "sumPool", "gather", "reverse", "spread", "stopGradient"],
]);
/** All operands must grow alike. */
const summing: ReadonlySet<string> = new Set(["add", "sub", "concat", "maximum", "minimum"]);
const multiplying: ReadonlySet<string> = new Set(["mul", "matmul", "conv", "dot"]);
/** A positive factor does not change them. */
const signsOnly: ReadonlySet<string> = new Set(["step", "sign"]);

/**
 * Whether a net is positively homogeneous in its parameters, proven node by node: products add degrees, sums need equal ones, and ReLU, pooling and
 * reshapes keep them. A bias is allowed in the first layer alone: W₁ x and b₁ both grow like c, W₂ a like c².
 */
export function homogeneity(model: Model): Homogeneity {
  const { output } = traceModel(model);
  const degrees = new Map<Tensor, Degree>();
  for (const node of topologicalOrder([output])) {
    const degree = degreeOf(node, model, (operand) => degrees.get(operand)!);
    if (degree === undefined) return { layer: lastParameter(node, model), reason: whyNot(node, model, degrees) };
    degrees.set(node, degree);
  }
  const degree = degrees.get(output)!;
  return degree === "any" || degree > 0
    ? { degree: degree === "any" ? 0 : degree }
    : { layer: lastParameter(output, model), reason: "the output does not grow with the parameters" };
}

function degreeOf(node: Tensor, model: Model, of: (operand: Tensor) => Degree): Degree | undefined {
  const name = node.op.name;
  if (name === "input") return isParameter(node, model) ? 1 : 0;
  if (uniformValue(node) === 0) return "any";
  const operands = node.inputs.map(of);
  if (preserving.has(name)) return operands[0];
  if (summing.has(name)) return common(operands);
  if (name === "select") return common(operands.slice(1));
  if (multiplying.has(name)) {
    return operands.some((degree) => degree === "any") ? "any" : (operands as number[]).reduce((a, b) => a + b, 0);
  }
  if (name === "div") {
    const [above, below] = operands;
    if (above === "any") return "any";
    return below === "any" ? undefined : above! - below!;
  }
  if (name === "square" && operands[0] !== "any") return 2 * operands[0]!;
  if (signsOnly.has(name) || (name === "greater" && common(operands) !== undefined)) return 0;
  return operands.every((degree) => degree === 0 || degree === "any") ? 0 : undefined;
}

/** The degree that all share, zeros aside; undefined where they differ. */
function common(degrees: readonly Degree[]): Degree | undefined {
  const known = degrees.filter((degree): degree is number => degree !== "any");
  if (known.length === 0) return "any";
  return known.every((degree) => degree === known[0]) ? known[0] : undefined;
}

const isParameter = (node: Tensor, model: Model): boolean =>
  node.op.name === "input" && model.parameters[node.attributes.name as string] !== undefined;

/** The layer that a node belongs to: the last parameter before it. */
function lastParameter(node: Tensor, model: Model): string {
  const found = topologicalOrder([node]).filter((other) => isParameter(other, model));
  return (found.at(-1)?.attributes.name as string | undefined) ?? "the input";
}

function whyNot(node: Tensor, model: Model, degrees: ReadonlyMap<Tensor, Degree>): string {
  if (summing.has(node.op.name)) {
    const grown = node.inputs.map((operand) => degrees.get(operand)).filter((degree) => degree !== "any");
    const bias = node.inputs.map(withoutReshapes).find((operand) => isParameter(operand, model));
    const powers = grown.map((degree) => `c^${degree}`).join(" and ");
    return bias === undefined
      ? `it adds what grows like ${powers} when the parameters are multiplied by c`
      : `its bias ${bias.attributes.name} grows like c and what it is added to does not (${powers}); a bias is allowed in the first layer alone`;
  }
  return `${node.op.name} is not homogeneous`;
}

function withoutReshapes(node: Tensor): Tensor {
  return node.op.name === "reshape" || node.op.name === "broadcastTo" ? withoutReshapes(node.inputs[0]!) : node;
}

/** @throws ReconError `not-homogeneous`, naming the layer that breaks it. */
export function checkHomogeneous(model: Model): void {
  const found = homogeneity(model);
  if ("degree" in found) return;
  throw new ReconError(
    "not-homogeneous",
    `stationarity: ${model.name} is not homogeneous in its parameters, which the conditions rest on. Layer ${found.layer} breaks it: ${found.reason}.`,
  );
}
