import { type Model, type Problem, traceModel } from "@recon/core";
import type { ConvolutionLayer, Layer, Tensor } from "@recon/engine";

/** A causal convolution of a traced net: z_t = b + Σ_k W_k x_{t − (K−1−k) d}. */
export interface CausalLayer {
  readonly weight: string;
  readonly bias: string;
  readonly kernel: number;
  readonly dilation: number;
}

/** out = relu(relu(C₂ relu(C₁ h)) + S h), with S a convolution of kernel 1, or the identity where it is absent. */
export interface ResidualBlock {
  readonly first: CausalLayer;
  readonly second: CausalLayer;
  readonly skip?: CausalLayer;
}

/** Residual blocks from the data to the head, which reads the last step of the last block. */
export interface TemporalNet {
  readonly blocks: readonly ResidualBlock[];
  readonly head: { readonly weight: string; readonly bias: string };
  readonly steps: number;
}

/** The blocks of a temporal convolutional net, found in its graph and not by names; or why it is none. */
export function residualBlocks({
  model,
  params,
}: Pick<Problem, "model" | "params">): TemporalNet | { readonly reason: string } {
  const { layers, input, output } = traceModel(model);
  const head = layers.at(-1);
  if (head?.kind !== "linear" || head.bias === undefined)
    return { reason: "the net does not end in a linear layer with a bias" };
  if (without(output, moves) !== head.preActivation) return { reason: "something follows the last linear layer" };
  const byOutput = new Map(layers.map((layer) => [layer.preActivation, layer]));
  const blocks: ResidualBlock[] = [];
  let end = lastStepOf(head.input, model);
  while (end !== undefined && without(end, moves) !== input) {
    const block = blockBefore(end, byOutput, params);
    if (block === undefined) break;
    blocks.unshift(block.layers);
    end = block.input;
  }
  if (end === undefined || without(end, moves) !== input || blocks.length === 0) {
    return {
      reason: "the net is not a chain of residual blocks of two causal convolutions with ReLU, read at its last step",
    };
  }
  return { blocks, head: { weight: head.weight, bias: head.bias }, steps: model.input.shape[0]! };
}

const moves = ["reshape", "transpose"];

/** What a node is but for ops that only move entries. */
function without(node: Tensor, names: readonly string[]): Tensor {
  return names.includes(node.op.name) ? without(node.inputs[0]!, names) : node;
}

/** The node [1, C, T] of which the head reads the last step. */
function lastStepOf(node: Tensor, model: Model): Tensor | undefined {
  const cut = without(node, moves);
  const [whole] = cut.inputs;
  const steps = model.input.shape[0]!;
  const starts = cut.attributes.starts as readonly number[] | undefined;
  const last = cut.op.name === "slice" && starts?.join() === [0, 0, steps - 1].join() && cut.shape[2] === 1;
  return last && whole!.shape[2] === steps ? whole : undefined;
}

function blockBefore(
  end: Tensor,
  byOutput: ReadonlyMap<Tensor, Layer>,
  params: Problem["params"],
): { readonly layers: ResidualBlock; readonly input: Tensor } | undefined {
  const sum = reluOf(end);
  if (sum?.op.name !== "add") return undefined;
  for (const [inner, other] of [sum.inputs, [...sum.inputs].reverse()] as [Tensor, Tensor][]) {
    const second = layerOf(reluOf(inner), byOutput);
    const first = second && layerOf(reluOf(second.input), byOutput);
    if (first === undefined || second === undefined) continue;
    const skipped = layerOf(other, byOutput);
    const input = first.input;
    if ((skipped?.input ?? other) !== input) continue;
    const causal = [first, second, ...(skipped ? [skipped] : [])].map((layer) => causalLayer(layer, params));
    if (causal.some((layer) => layer === undefined) || (causal[2]?.kernel ?? 1) !== 1) return undefined;
    return { layers: { first: causal[0]!, second: causal[1]!, ...(causal[2] && { skip: causal[2] }) }, input };
  }
  return undefined;
}

const reluOf = (node: Tensor): Tensor | undefined => (node.op.name === "relu" ? node.inputs[0] : undefined);

function layerOf(node: Tensor | undefined, byOutput: ReadonlyMap<Tensor, Layer>): ConvolutionLayer | undefined {
  const layer = node && byOutput.get(node);
  return layer?.kind === "convolution" ? layer : undefined;
}

function causalLayer(
  { weight, bias, strides, pads, dilations, groups }: ConvolutionLayer,
  params: Problem["params"],
): CausalLayer | undefined {
  const kernel = params[weight]!.shape[2]!;
  const [dilation = 1] = dilations;
  const causal = strides.join() === "1" && groups === 1 && pads.join() === [(kernel - 1) * dilation, 0].join();
  return causal && bias !== undefined ? { weight, bias, kernel, dilation } : undefined;
}
