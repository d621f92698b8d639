import { type Activation, activationOf, type Consumers } from "./activation.ts";
import { topologicalOrder } from "./graph.ts";
import type { ConvGeometry } from "./ops/conv.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

interface LayerBase {
  /** Name of the parameter. */
  readonly weight: string;
  readonly bias?: string;
  /** What goes in, as multiplied by the weight. */
  readonly input: Tensor;
  /** z = W x + b, before the activation. */
  readonly preActivation: Tensor;
  readonly activation: Activation;
  /** After the activation; equals `preActivation` for identity, and where z has other uses beside a nonlinear one. */
  readonly output: Tensor;
}

/** z = x Wᵀ + b with W [out, in], or z = x W + b with W [in, out]. */
export interface LinearLayer extends LayerBase {
  readonly kind: "linear";
  /** The order of the weight's two axes: `transposed` stands for [in, out], as some exporters store it. */
  readonly layout: "plain" | "transposed";
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
 * A linear layer is a product `matmul(h, W)` of rows with a matrix, stored either way round, a convolution `conv(h, W)`, where W is an input of the graph;
 * each may be followed by the addition of a bias that is an input too, and by an elementwise activation: the largest part of the graph that computes one
 * function of each entry of z and through whose single last node all uses of z pass. Nothing else is asked of the graph: no names, no model. A
 * product with data that is an input by itself, as adjacencies are multiplied, looks like a layer too: whoever knows the parameters tells them apart.
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
  const consumersOf: Consumers = (node) => consumers.get(node) ?? [];
  return order.flatMap((node): Layer[] => {
    const operand = node.inputs[1];
    if (operand === undefined) return [];
    const linear = node.op.name === "matmul" && node.attributes.transposeA !== true && operand.shape.length === 2;
    if (!linear && node.op.name !== "conv") return [];
    const turned = linear && operand.op.name === "transpose";
    const weight = turned ? operand.inputs[0]! : operand;
    if (weight.op.name !== "input") return [];
    const biased = withBias(node, linear ? node.shape.length - 1 : 1, consumersOf);
    const base = {
      weight: parameterName(weight),
      ...(biased.bias === undefined ? {} : { bias: biased.bias }),
      input: node.inputs[0]!,
      preActivation: biased.preActivation,
      ...activationOf(biased.preActivation, consumersOf),
    };
    if (linear) {
      const plain = (node.attributes.transposeB === true) !== turned;
      return [{ kind: "linear", ...base, layout: plain ? "plain" : "transposed" }];
    }
    const geometry = node.attributes as unknown as ConvGeometry;
    const { strides, pads, dilations, groups } = geometry;
    return [{ kind: "convolution", ...base, strides, pads, dilations, groups }];
  });
}

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
