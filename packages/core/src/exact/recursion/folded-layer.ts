import {
  type Activation,
  type Arrays,
  activationOf,
  type Consumers,
  graph,
  interpret,
  type Layer,
  type NdArray,
  sizeOf,
  type Tensor,
  topologicalOrder,
} from "@recon/engine";

/** A layer with the linear steps behind it that can be made part of it. */
export interface FoldedLayer {
  /** z' = scale · mean over windows of z + shift, one number an output channel each. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  /** Extents of the windows of an average, one a spatial axis; empty where nothing is averaged. */
  readonly window: readonly number[];
  /** z' and h = s(z'). */
  readonly preActivation: Tensor;
  readonly activation: Activation;
  readonly output: Tensor;
}

/**
 * Follows a layer's pre-activation through everything that scales and shifts its channels by fixed numbers (batch normalisation in eval mode, a scale
 * before a loss) and through averages over windows that tile it, to the activation.
 *
 * @param data the net's input: what depends on it is not fixed.
 * @param params values of the parameters and buffers that the scales and shifts are made of.
 */
export function foldedLayer(layer: Layer, data: Tensor, params: Arrays, consumersOf: Consumers): FoldedLayer {
  const channels = layer.preActivation.shape[1]!;
  const scale = new Float64Array(channels).fill(1);
  const shift = new Float64Array(channels);
  let window: readonly number[] = layer.kind === "convolution" ? layer.preActivation.shape.slice(2).map(() => 1) : [];
  let end = layer.preActivation;
  for (let node = end; ; ) {
    const [user, ...others] = consumersOf(node);
    if (user === undefined || others.length > 0) break;
    if (user.op.name === "sumPool" && layer.kind === "convolution" && node === end) {
      const size = user.attributes.size as number;
      // It adds up; what makes it an average is a scale that follows.
      const parts = size ** window.length;
      for (let c = 0; c < channels; c++) {
        scale[c]! *= parts;
        shift[c]! *= parts;
      }
      window = window.map((extent) => extent * size);
    } else if (user.op.name !== "reshape") {
      const line = perChannel(user, node, data, params, channels);
      if (line === undefined) break;
      for (let c = 0; c < channels; c++) {
        scale[c]! *= line.scale[c]!;
        shift[c] = shift[c]! * line.scale[c]! + line.shift[c]!;
      }
    }
    node = user;
    if (node.op.name !== "reshape") end = node;
  }
  return {
    scale,
    shift,
    window: window.some((extent) => extent > 1) ? window : [],
    preActivation: end,
    ...activationOf(end, consumersOf),
  };
}

interface Line {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** What an op makes of its operand `node`, where that is a scale and a shift of every channel by numbers that do not depend on the data. */
function perChannel(user: Tensor, node: Tensor, data: Tensor, params: Arrays, channels: number): Line | undefined {
  const zeros = new Float64Array(channels);
  const ones = new Float64Array(channels).fill(1);
  if (user.op.name === "neg") return { scale: ones.map(() => -1), shift: zeros };
  const lines = straight[user.op.name];
  const [first, second] = user.inputs;
  if (lines === undefined || second === undefined || first === second) return undefined;
  if (sizeOf(user.shape) !== sizeOf(node.shape) || node.shape[1] !== channels) return undefined;
  const left = first === node;
  const values = fixedPerChannel(left ? second : first!, user, data, params, channels);
  return values && lines(left, values, zeros, ones);
}

const straight: Readonly<
  Record<string, (left: boolean, c: Float64Array, zeros: Float64Array, ones: Float64Array) => Line | undefined>
> = {
  add: (_, shift, __, scale) => ({ scale, shift }),
  sub: (left, c, _, ones) =>
    left ? { scale: ones, shift: c.map((value) => -value) } : { scale: ones.map(() => -1), shift: c },
  mul: (_, scale, shift) => ({ scale, shift }),
  div: (left, c, shift) => (left ? { scale: c.map((value) => 1 / value), shift } : undefined),
};

/** The values of an operand, one a channel, where it does not depend on the data and is the same all over a channel. */
function fixedPerChannel(
  operand: Tensor,
  user: Tensor,
  data: Tensor,
  params: Arrays,
  channels: number,
): Float64Array | undefined {
  const inputs = topologicalOrder([operand]).filter((node) => node.op.name === "input");
  const nameOf = (node: Tensor): string => node.attributes.name as string;
  if (inputs.some((node) => node === data || params[nameOf(node)] === undefined)) return undefined;
  const extents = [...new Array<number>(user.shape.length - operand.shape.length).fill(1), ...operand.shape];
  if (extents.some((extent, axis) => extent !== 1 && (axis !== 1 || extent !== channels))) return undefined;
  const named = Object.fromEntries(inputs.map((node) => [nameOf(node), node]));
  const values: Readonly<Record<string, NdArray>> = Object.fromEntries(
    Object.keys(named).map((name) => [name, params[name]!]),
  );
  const { data: found } = interpret(graph(named, { operand }), values).operand!;
  return Float64Array.from({ length: channels }, (_, c) => found[found.length === 1 ? 0 : c]!);
}
