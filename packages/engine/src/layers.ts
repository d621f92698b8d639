import { topologicalOrder } from "./graph.ts";
import type { ConvGeometry } from "./ops/conv.ts";
import { uniformValue } from "./ops/leaf.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** The elementwise function behind a layer; `identity` where none follows. */
export interface Activation {
  readonly name: "identity" | "relu" | "leakyRelu" | "sigmoid" | "tanh" | "softplus" | "elu" | "other";
  /** Slope on the negative side of a leaky ReLU. */
  readonly slope?: number;
}

interface LayerBase {
  /** Name of the parameter. */
  readonly weight: string;
  readonly bias?: string;
  /** What goes in, as multiplied by the weight. */
  readonly input: Tensor;
  /** z = W x + b, before the activation. */
  readonly preActivation: Tensor;
  readonly activation: Activation;
  /** After the activation; equals `preActivation` for identity. */
  readonly output: Tensor;
}

/** z = x Wᵀ + b with W [out, in]. */
export interface LinearLayer extends LayerBase {
  readonly kind: "linear";
}

/** z = conv(x, W) + b with x [B, C, ...], W [out, in / groups, ...]. */
export interface ConvolutionLayer extends LayerBase {
  readonly kind: "convolution";
  readonly strides: readonly number[];
  /** Zeros before and after each spatial axis: [begin..., end...]. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

export type Layer = LinearLayer | ConvolutionLayer;

/**
 * The layers behind a network's output, in the order in which data passes through them.
 *
 * A linear layer is `matmul(h, W, { transposeB: true })`, a convolution `conv(h, W)`, where W is an input of the graph; each may be followed by the
 * addition of a bias that is an input too, and by an elementwise activation. Nothing else is asked of the graph: no names, no model.
 *
 * @param output any node of the network: logits or a loss.
 */
export function layersOf(output: Tensor): Layer[] {
  const order = topologicalOrder([output]);
  const consumers = new Map<Tensor, Tensor[]>();
  for (const node of order) {
    for (const operand of new Set(node.inputs)) {
      const list = consumers.get(operand);
      if (list === undefined) consumers.set(operand, [node]);
      else list.push(node);
    }
  }
  const consumersOf = (node: Tensor): readonly Tensor[] => consumers.get(node) ?? [];
  return order.flatMap((node): Layer[] => {
    const weight = node.inputs[1];
    if (weight === undefined || weight.op.name !== "input") return [];
    const linear =
      node.op.name === "matmul" && node.attributes.transposeB === true && node.attributes.transposeA !== true;
    if (!(linear && weight.shape.length === 2) && node.op.name !== "conv") return [];
    const biased = withBias(node, linear ? node.shape.length - 1 : 1, consumersOf);
    const base = {
      weight: parameterName(weight),
      ...(biased.bias === undefined ? {} : { bias: biased.bias }),
      input: node.inputs[0]!,
      preActivation: biased.preActivation,
      ...activationOf(biased.preActivation, consumersOf),
    };
    if (linear) return [{ kind: "linear", ...base }];
    const geometry = node.attributes as unknown as ConvGeometry;
    const { strides, pads, dilations, groups } = geometry;
    return [{ kind: "convolution", ...base, strides, pads, dilations, groups }];
  });
}

type Consumers = (node: Tensor) => readonly Tensor[];

const parameterName = (node: Tensor): string => node.attributes.name as string;

/** The sum of a product and a bias along `axis`, where that is the product's only use; else the product itself. */
function withBias(product: Tensor, axis: number, consumersOf: Consumers): { preActivation: Tensor; bias?: string } {
  const [sum, ...rest] = consumersOf(product);
  if (sum === undefined || rest.length > 0 || sum.op.name !== "add") return { preActivation: product };
  const other = sum.inputs[0] === product ? sum.inputs[1]! : sum.inputs[0]!;
  const source = other.op.name === "reshape" || other.op.name === "broadcastTo" ? other.inputs[0]! : other;
  const extents = [...new Array<number>(product.shape.length - other.shape.length).fill(1), ...other.shape];
  const along =
    extents.every((extent, i) => extent === 1 || extent === product.shape[i]) && extents[axis] === product.shape[axis];
  const oneAxis = other.op.name === "broadcastTo" || sizeOf(other.shape) === product.shape[axis];
  if (
    source.op.name !== "input" ||
    source.shape.length !== 1 ||
    source.shape[0] !== product.shape[axis] ||
    !along ||
    !oneAxis
  ) {
    return { preActivation: product };
  }
  return { preActivation: sum, bias: parameterName(source) };
}

/** Activations that are one op each; the rest of an activation's description comes from the op's attributes. */
const activations: Readonly<Record<string, (node: Tensor) => Activation>> = {
  relu: () => ({ name: "relu" }),
  leakyRelu: (node) => ({ name: "leakyRelu", slope: node.attributes.slope as number }),
  sigmoid: () => ({ name: "sigmoid" }),
  tanh: () => ({ name: "tanh" }),
  softplus: () => ({ name: "softplus" }),
};

/** Elementwise functions that are not activations by themselves but make one out of what they are applied to. */
const elementwise = new Set([
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "erf",
  "gelu",
  "sinh",
  "cosh",
  "atan",
  "abs",
  "power",
  "step",
  "sign",
  "greater",
  "greaterEqual",
  "select",
]);

function activationOf(z: Tensor, consumersOf: Consumers): { activation: Activation; output: Tensor } {
  const users = consumersOf(z);
  const [only] = users;
  if (only === undefined) return { activation: { name: "identity" }, output: z };
  if (users.length === 1) {
    if (only.op.name === "reshape") {
      const behind = activationOf(only, consumersOf);
      return behind.activation.name === "identity" ? { activation: behind.activation, output: z } : behind;
    }
    const known = activations[only.op.name];
    if (known !== undefined) return { activation: known(only), output: only };
  }
  const exponentialUnit = users.find((user) => isElu(user, z));
  if (exponentialUnit !== undefined) return { activation: { name: "elu" }, output: exponentialUnit };
  if (
    !users.some(
      (user) => elementwise.has(user.op.name) || (user.op.name === "mul" && user.inputs.every((x) => dependsOn(x, z))),
    )
  ) {
    return { activation: { name: "identity" }, output: z };
  }
  return { activation: { name: "other" }, output: users.length === 1 ? only : z };
}

/** select(z > 0, z, eᶻ − 1), the exponential linear unit with a = 1. */
function isElu(node: Tensor, z: Tensor): boolean {
  const [condition, positive, negative] = node.inputs;
  if (node.op.name !== "select" || positive !== z || condition?.op.name !== "greater" || condition.inputs[0] !== z)
    return false;
  if (negative === undefined) return false;
  const scaled = negative.op.name === "mul" && uniformValue(negative.inputs[1]!) === 1 ? negative.inputs[0]! : negative;
  return (
    scaled.op.name === "sub" &&
    scaled.inputs[0]!.op.name === "exp" &&
    uniformValue(scaled.inputs[1]!) === 1 &&
    dependsOn(scaled, z)
  );
}

const dependsOn = (node: Tensor, z: Tensor): boolean => topologicalOrder([node]).includes(z);
