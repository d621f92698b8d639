/**
 * Convolution and its two adjoints.
 *
 * All three are the partial derivatives of one trilinear form t(x, w, y) = Σ y · conv(x, w), so each one's derivative is the other two
 * and no further op is needed at any order.
 */
import { EngineError } from "../errors.ts";
import { lowerConv, lowerConvFilterGradient, lowerConvInputGradient } from "../onnx/lower-conv.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { add, totalTangent } from "./arithmetic.ts";
import { asBatch, asChannels, fromChannels, inGroups } from "./mapped-conv.ts";
import { reshape } from "./shape.ts";
import { mapTangent } from "./tangent.ts";

/** Geometry of a convolution over n spatial axes. */
export interface ConvGeometry {
  readonly strides: readonly number[];
  /** Zeros before and after each spatial axis: [begin..., end...]. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

/** Geometry as a caller gives it: one number for all axes or one each; stride, dilation and groups 1 and no padding unless said. */
export interface ConvOptions {
  readonly strides?: number | readonly number[];
  /** One number for every side, or [begin..., end...]. */
  readonly pads?: number | readonly number[];
  readonly dilations?: number | readonly number[];
  readonly groups?: number;
}

type Shapes = { readonly x: Shape; readonly w: Shape; readonly y: Shape };

const geometryOf = (node: Tensor): ConvGeometry => node.attributes as unknown as ConvGeometry;

/** Calls f with the flat indices (x, w, y) of every product in the trilinear form. */
function forEachProduct(
  { x, w, y }: Shapes,
  { strides, pads, dilations, groups }: ConvGeometry,
  f: (x: number, w: number, y: number) => void,
): void {
  const spatial = x.slice(2);
  const kernel = w.slice(2);
  const out = y.slice(2);
  const [batch, channels, outputs] = [x[0]!, w[1]!, w[0]!];
  const perGroup = outputs / groups;
  const at = (flat: number, shape: Shape): number[] => {
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return index;
  };
  for (let o = 0; o < sizeOf(out); o++) {
    const oi = at(o, out);
    for (let k = 0; k < sizeOf(kernel); k++) {
      const ki = at(k, kernel);
      let position = 0;
      let inside = true;
      for (let axis = 0; axis < spatial.length; axis++) {
        const p = oi[axis]! * strides[axis]! + ki[axis]! * dilations[axis]! - pads[axis]!;
        inside &&= p >= 0 && p < spatial[axis]!;
        position = position * spatial[axis]! + p;
      }
      if (!inside) continue;
      for (let n = 0; n < batch; n++) {
        for (let co = 0; co < outputs; co++) {
          const first = Math.floor(co / perGroup) * channels;
          for (let ci = 0; ci < channels; ci++) {
            f(
              (n * x[1]! + first + ci) * sizeOf(spatial) + position,
              (co * channels + ci) * sizeOf(kernel) + k,
              (n * outputs + co) * sizeOf(out) + o,
            );
          }
        }
      }
    }
  }
}

/** f(ȧ, b) + f(a, ḃ) for an op f that is linear in either operand. */
function bilinearTangent(
  node: Tensor,
  [a, b]: readonly (Tensor | null)[],
  f: (a: Tensor, b: Tensor) => Tensor,
): Tensor | null {
  const [x, y] = node.inputs as [Tensor, Tensor];
  return totalTangent([mapTangent(a, (t) => f(t, y)), mapTangent(b, (t) => f(x, t))], node.shape);
}

const convOp: Op = {
  name: "conv",
  vjp: (node, cotangent) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const geometry = geometryOf(node);
    return [convInputGradient(cotangent, w, x.shape, geometry), convFilterGradient(x, cotangent, w.shape, geometry)];
  },
  jvp: (node, tangents) => bilinearTangent(node, tangents, (x, w) => conv(x, w, geometryOf(node))),
  map: (node, [x, w], count) => {
    const geometry = geometryOf(node);
    if (!w!.mapped) return reshape(conv(asBatch(x!), w!.tensor, geometry), [count, ...node.shape]);
    return fromChannels(conv(asChannels(x!, count), asBatch(w!), inGroups(geometry, count)), count);
  },
  evaluate: (node, [x, w]) => {
    const result = new Float64Array(sizeOf(node.shape));
    const shapes = { x: node.inputs[0]!.shape, w: node.inputs[1]!.shape, y: node.shape };
    forEachProduct(shapes, geometryOf(node), (xi, wi, yi) => {
      result[yi]! += x![xi]! * w![wi]!;
    });
    return result;
  },
  lower: (node, [x, w], emit) => lowerConv(node, [x!, w!], emit),
};

const convInputGradientOp: Op = {
  name: "convInputGradient",
  vjp: (node, cotangent) => {
    const [y, w] = node.inputs as [Tensor, Tensor];
    const geometry = geometryOf(node);
    return [conv(cotangent, w, geometry), convFilterGradient(cotangent, y, w.shape, geometry)];
  },
  jvp: (node, tangents) =>
    bilinearTangent(node, tangents, (y, w) => convInputGradient(y, w, node.shape, geometryOf(node))),
  map: (node, [y, w], count) => {
    const geometry = geometryOf(node);
    const [batch, channels, ...rest] = node.shape as [number, number, ...number[]];
    if (!w!.mapped) {
      const folded = convInputGradient(asBatch(y!), w!.tensor, [count * batch, channels, ...rest], geometry);
      return reshape(folded, [count, ...node.shape]);
    }
    const shape = [batch, count * channels, ...rest];
    const grouped = convInputGradient(asChannels(y!, count), asBatch(w!), shape, inGroups(geometry, count));
    return fromChannels(grouped, count);
  },
  evaluate: (node, [y, w]) => {
    const result = new Float64Array(sizeOf(node.shape));
    const shapes = { x: node.shape, w: node.inputs[1]!.shape, y: node.inputs[0]!.shape };
    forEachProduct(shapes, geometryOf(node), (xi, wi, yi) => {
      result[xi]! += y![yi]! * w![wi]!;
    });
    return result;
  },
  lower: (node, [y, w], emit) => lowerConvInputGradient(node, [y!, w!], emit),
};

const convFilterGradientOp: Op = {
  name: "convFilterGradient",
  vjp: (node, cotangent) => {
    const [x, y] = node.inputs as [Tensor, Tensor];
    const geometry = geometryOf(node);
    return [convInputGradient(y, cotangent, x.shape, geometry), conv(x, cotangent, geometry)];
  },
  jvp: (node, tangents) =>
    bilinearTangent(node, tangents, (x, y) => convFilterGradient(x, y, node.shape, geometryOf(node))),
  map: (node, [x, y], count) => {
    const [outputs, ...rest] = node.shape as [number, ...number[]];
    const geometry = inGroups(geometryOf(node), count);
    const grouped = convFilterGradient(
      asChannels(x!, count),
      asChannels(y!, count),
      [count * outputs, ...rest],
      geometry,
    );
    return reshape(grouped, [count, ...node.shape]);
  },
  evaluate: (node, [x, y]) => {
    const result = new Float64Array(sizeOf(node.shape));
    const shapes = { x: node.inputs[0]!.shape, w: node.shape, y: node.inputs[1]!.shape };
    forEachProduct(shapes, geometryOf(node), (xi, wi, yi) => {
      result[wi]! += x![xi]! * y![yi]!;
    });
    return result;
  },
  lower: (node, [x, y], emit) => lowerConvFilterGradient(node, [x!, y!], emit),
};

const perAxis = (value: number | readonly number[] | undefined, n: number, otherwise: number): readonly number[] =>
  typeof value === "object" ? value : new Array<number>(n).fill(value ?? otherwise);

/** Options with every number in its place, for n spatial axes. */
export function convGeometry(options: ConvOptions, n: number): ConvGeometry {
  return {
    strides: perAxis(options.strides, n, 1),
    pads: perAxis(options.pads, 2 * n, 0),
    dilations: perAxis(options.dilations, n, 1),
    groups: options.groups ?? 1,
  };
}

/**
 * Cross-correlation over the spatial axes: y[b, o, p] = Σ x[b, c, p·stride + k·dilation − pad] w[o, c, k].
 *
 * x [B, C, ...], w [O, C / groups, ...].
 *
 * @throws EngineError `shape` when channels, groups or extents do not fit.
 */
export function conv(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  const n = x.shape.length - 2;
  const geometry = convGeometry(options, n);
  const { strides, pads, dilations, groups } = geometry;
  const listed = `input [${x.shape.join(", ")}], kernel [${w.shape.join(", ")}], groups ${groups}`;
  if (n < 1 || w.shape.length !== n + 2 || x.shape[1] !== w.shape[1]! * groups || w.shape[0]! % groups !== 0) {
    throw new EngineError("shape", `conv: channels do not fit: ${listed}.`);
  }
  const spatial = x.shape
    .slice(2)
    .map(
      (extent, i) =>
        Math.floor((extent + pads[i]! + pads[n + i]! - dilations[i]! * (w.shape[i + 2]! - 1) - 1) / strides[i]!) + 1,
    );
  if (spatial.some((extent) => extent < 1))
    throw new EngineError("shape", `conv: the kernel is larger than the padded input: ${listed}.`);
  return {
    op: convOp,
    inputs: [x, w],
    attributes: { ...geometry },
    shape: [x.shape[0]!, w.shape[0]!, ...spatial],
    dtype: "float",
  };
}

/** The adjoint of `conv` in its input: x̄ of the given shape from ȳ and w. Also known as a transposed convolution. */
export function convInputGradient(y: Tensor, w: Tensor, inputShape: Shape, geometry: ConvGeometry): Tensor {
  return { op: convInputGradientOp, inputs: [y, w], attributes: { ...geometry }, shape: inputShape, dtype: "float" };
}

/** The adjoint of `conv` in its kernel: w̄ of the given shape from x and ȳ. */
export function convFilterGradient(x: Tensor, y: Tensor, kernelShape: Shape, geometry: ConvGeometry): Tensor {
  return { op: convFilterGradientOp, inputs: [x, y], attributes: { ...geometry }, shape: kernelShape, dtype: "float" };
}

/** Convolution layer: conv(x, w) + b along the channel axis. */
export function convolution(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  const product = conv(x, weight, options);
  if (bias === undefined) return product;
  return add(product, reshape(bias, [1, weight.shape[0]!, ...product.shape.slice(2).map(() => 1)]));
}
