/**
 * Convolution and its two adjoints.
 *
 * All are made of `Conv2D`, `Conv2DBackpropInput` and, where the backend has it, `Conv2DBackpropFilter`, on inputs that were padded before. Those
 * kernels know no dilation beside strides, so a dilated kernel is spread out with zeros.
 */
import type { ConvGeometry } from "../../ops/conv.ts";
import type { Shape } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { depthwise, depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise.ts";
import { asPlane, type Pair, type PlaneGeometry, padPlane, planeGeometry, spread } from "./plane.ts";
import { hasKernel, type TfjsRule, type TfjsRules } from "./rule.ts";
import { type Convolution, unrolledFilterGradient, unrolledForward, unrolledInputGradient } from "./unrolled.ts";

/** A convolution or adjoint of [B, C, H, W] tensors with groups 1, padding already done for x. */
type Dense = (tf: Tfjs, a: TfjsTensor, b: TfjsTensor, geometry: PlaneGeometry, shape: readonly number[]) => TfjsTensor;

const one = (pair: Pair): boolean => pair[0] === 1 && pair[1] === 1;
const mutable = (pair: Pair): [number, number] => [pair[0], pair[1]];

/** Σ over positions of x [B, H, W, C] · w [h, w, C, O], without padding; strides and dilations may both differ from 1. */
function convolve(tf: Tfjs, x: TfjsTensor, w: TfjsTensor, strides: Pair, dilations: Pair): TfjsTensor {
  const native = one(strides) || one(dilations);
  const kernel = native ? w : spread(tf, w, 0, dilations);
  return tf.conv2d(
    x as Parameters<Tfjs["conv2d"]>[0],
    kernel as Parameters<Tfjs["conv2d"]>[1],
    mutable(strides),
    "valid",
    "NHWC",
    native ? mutable(dilations) : 1,
  );
}

const forward: Dense = (tf, x, w, { strides, dilations, before, after }) => {
  const padded = padPlane(tf, tf.transpose(x, [0, 2, 3, 1]), before, after);
  return tf.transpose(convolve(tf, padded, tf.transpose(w, [2, 3, 1, 0]), strides, dilations), [0, 3, 1, 2]);
};

const inputGradient: Dense = (tf, y, w, { strides, dilations, before, after }, shape) => {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const padded = [batch, height + before[0] + after[0], width + before[1] + after[1], channels] as const;
  const result = tf.conv2dTranspose(
    tf.transpose(y, [0, 2, 3, 1]) as Parameters<Tfjs["conv2dTranspose"]>[0],
    spread(tf, tf.transpose(w, [2, 3, 1, 0]), 0, dilations) as Parameters<Tfjs["conv2dTranspose"]>[1],
    [...padded],
    mutable(strides),
    "valid",
  );
  return tf.transpose(tf.slice(result, [0, before[0], before[1], 0], [batch, height, width, channels]), [0, 3, 1, 2]);
};

const filterGradient: Dense = (tf, x, y, { strides, dilations, before, after }, shape) => {
  const [outputs, channels, height, width] = shape as [number, number, number, number];
  if (one(dilations) && hasKernel(tf, "Conv2DBackpropFilter")) {
    const gradient = tf.engine().runKernel<TfjsTensor>(
      "Conv2DBackpropFilter",
      { x: padPlane(tf, tf.transpose(x, [0, 2, 3, 1]), before, after), dy: tf.transpose(y, [0, 2, 3, 1]) },
      {
        strides: mutable(strides),
        pad: "valid",
        dataFormat: "NHWC",
        dimRoundingMode: "floor",
        filterShape: [height, width, channels, outputs],
      },
    );
    return tf.transpose(gradient, [3, 2, 0, 1]);
  }
  // w̄[o, c, k] = Σ x[b, c, p·stride + k·dilation] ȳ[b, o, p] is a convolution too: of x with ȳ as its kernel, batch and channels exchanged, strides
  // and dilations exchanged.
  const examplesLast = padPlane(tf, tf.transpose(x, [1, 2, 3, 0]), before, after);
  const gradient = convolve(tf, examplesLast, tf.transpose(y, [2, 3, 0, 1]), dilations, strides);
  return tf.transpose(tf.slice(gradient, [0, 0, 0, 0], [channels, height, width, outputs]), [3, 0, 1, 2]);
};

/** Runs a dense rule on every group; `axes` say where operands and result hold the groups' channels. */
function grouped(dense: Dense, axes: readonly [number, number, number]): Dense {
  return (tf, a, b, geometry, shape) => {
    const { groups } = geometry;
    if (groups === 1) return dense(tf, a, b, geometry, shape);
    const own = shape.map((extent, axis) => (axis === axes[2] ? extent / groups : extent));
    const [left, right] = [tf.split(a, groups, axes[0]), tf.split(b, groups, axes[1])];
    return tf.concat(
      left.map((part, i) => dense(tf, part, right[i]!, geometry, own)),
      axes[2],
    );
  };
}

/** A convolution out of a dense one and, for kernels with one channel a group, one that needs no loop over groups; more axes than two are unrolled. */
function convolution(
  dense: Dense,
  single: Dense,
  isSingle: (kernel: { readonly a: Shape; readonly b: Shape; readonly result: Shape }) => boolean,
  unrolled: (next: Convolution) => Convolution,
): Convolution {
  const planar: Convolution = (tf, a, b, geometry, shape) => {
    const plane = planeGeometry(geometry);
    const result = shape.length === 3 ? [...shape.slice(0, 2), 1, shape[2]!] : shape;
    const run = geometry.groups > 1 && isSingle({ a: a.shape, b: b.shape, result }) ? single : dense;
    return tf.reshape(run(tf, asPlane(tf, a), asPlane(tf, b), plane, result), [...shape]);
  };
  const any: Convolution = (tf, a, b, geometry, shape) =>
    (shape.length > 4 ? unrolled(any) : planar)(tf, a, b, geometry, shape);
  return any;
}

const rule =
  (run: Convolution): TfjsRule =>
  (tf, [a, b], node) =>
    run(tf, a!, b!, node.attributes as unknown as ConvGeometry, node.shape);

export const convolutionRules: TfjsRules = {
  conv: rule(convolution(grouped(forward, [1, 0, 1]), depthwise, ({ b }) => b[1] === 1, unrolledForward)),
  convInputGradient: rule(
    convolution(
      grouped(inputGradient, [1, 0, 1]),
      depthwiseInputGradient,
      ({ b }) => b[1] === 1,
      unrolledInputGradient,
    ),
  ),
  convFilterGradient: rule(
    convolution(
      grouped(filterGradient, [1, 1, 0]),
      depthwiseFilterGradient,
      ({ result }) => result[1] === 1,
      unrolledFilterGradient,
    ),
  ),
};
