/**
 * Convolution and its adjoints as ONNX nodes.
 *
 * In float32 the runtime's Conv does most of the work; it has none in float64, where patches are gathered and multiplied as matrices.
 * Shapes: x [B, C, ...in], w [O, C / G, ...kernel], y [B, O, ...out]; K = ∏ kernel, P = ∏ out.
 */
import type { ConvGeometry } from "../ops/conv.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { Emitter, OnnxAttribute } from "./emitter.ts";

type Attributes = Readonly<Record<string, OnnxAttribute>>;

const geometryOf = (node: Tensor): ConvGeometry => node.attributes as unknown as ConvGeometry;

const onnxGeometry = ({ strides, pads, dilations, groups }: ConvGeometry): Attributes => ({
  strides: { ints: strides },
  pads: { ints: pads },
  dilations: { ints: dilations },
  group: { int: groups },
});

const reshaped = (emit: Emitter, x: string, shape: Shape): string =>
  emit.node("Reshape", [x, emit.ints(shape)], { allowzero: { int: 1 } });

/** Numbers per spatial axis as a full-rank list, with `lead` for the first two axes. */
const spatial = (lead: number, values: readonly number[]): number[] => [lead, lead, ...values];

interface PatchShapes {
  /** Shape of what the patches are taken from. */
  readonly x: Shape;
  /** Spatial extents of the kernel. */
  readonly kernel: Shape;
  /** Spatial extents of the output. */
  readonly out: Shape;
}

/** Below this many elements the number of nodes counts, above it the copying does. */
const fewPatches = 2 ** 15;

/** Everything that the kernel sees: [B, C, K, P] with element (b, c, k, p) = x[b, c, p · stride + k · dilation − pad]. */
function patches(emit: Emitter, x: string, { x: shape, kernel, out }: PatchShapes, geometry: ConvGeometry): string {
  const { strides, pads, dilations } = geometry;
  const [batch, channels] = [shape[0]!, shape[1]!];
  const count = sizeOf(kernel);
  const result = [batch, channels, count, sizeOf(out)];
  const few = sizeOf(result) < fewPatches;
  if (emit.precision === "float32" && (few || strides.some((stride) => stride !== 1))) {
    // A convolution with one kernel for each position, a single one in it: one node, where slices are one a position and slow with steps.
    const oneHot = new Float32Array(count * count);
    for (let k = 0; k < count; k++) oneHot[k * count + k] = 1;
    const single = reshaped(emit, x, [batch * channels, 1, ...shape.slice(2)]);
    const kernels = emit.float(oneHot, [count, 1, ...kernel]);
    return reshaped(emit, emit.node("Conv", [single, kernels], onnxGeometry({ ...geometry, groups: 1 })), result);
  }
  const n = strides.length;
  const source = pads.some((pad) => pad !== 0)
    ? emit.node("Pad", [x, emit.ints([...spatial(0, pads.slice(0, n)), ...spatial(0, pads.slice(n))])])
    : x;
  const axes = emit.ints(kernel.map((_, axis) => axis + 2));
  const windows = Array.from({ length: count }, (_, flat) => {
    const starts: number[] = [];
    for (let axis = n - 1, rest = flat; axis >= 0; axis--) {
      starts.unshift((rest % kernel[axis]!) * dilations[axis]!);
      rest = Math.floor(rest / kernel[axis]!);
    }
    const ends = starts.map((start, axis) => start + (out[axis]! - 1) * strides[axis]! + 1);
    const steps = strides.some((stride) => stride !== 1) ? [emit.ints(strides)] : [];
    const window = emit.node("Slice", [source, emit.ints(starts), emit.ints(ends), axes, ...steps]);
    return reshaped(emit, window, [batch, channels, 1, sizeOf(out)]);
  });
  return windows.length === 1 ? windows[0]! : emit.node("Concat", windows, { axis: { int: 2 } });
}

/**
 * The kernel turned round in space, input and output channels exchanged within each group: [C, O / G, ...kernel].
 *
 * Numbers that are there already are turned here: the runtime would keep every step of the way in memory.
 */
function flipped(emit: Emitter, w: string, shape: Shape, groups: number): string {
  const [outputs, channels] = [shape[0]!, shape[1]!];
  const kernel = shape.slice(2);
  const count = sizeOf(kernel);
  const result = [groups * channels, outputs / groups, ...kernel];
  const turnedHere = emit.rearranged(w, `turned in ${groups} groups`, result, (values) =>
    flippedValues(values, [groups, outputs / groups, channels, count]),
  );
  if (turnedHere !== undefined) return turnedHere;
  const backwards = emit.ints(Array.from({ length: count }, (_, k) => count - 1 - k));
  const turned = emit.node("Gather", [reshaped(emit, w, [groups, outputs / groups, channels, count]), backwards], {
    axis: { int: 3 },
  });
  const exchanged = emit.node("Transpose", [turned], { perm: { ints: [0, 2, 1, 3] } });
  return reshaped(emit, exchanged, result);
}

/** y[g, c, o, k] = x[g, o, c, K − 1 − k] for x of shape [G, O, C, K]. */
function flippedValues(
  x: Float32Array,
  [groups, outputs, channels, count]: readonly [number, number, number, number],
): Float32Array {
  const y = new Float32Array(x.length);
  let at = 0;
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o++) {
        const last = ((g * outputs + o) * channels + c + 1) * count - 1;
        for (let k = 0; k < count; k++) y[at++] = x[last - k]!;
      }
    }
  }
  return y;
}

/** A convolution by patches and one matrix product a group. */
function convByPatches(
  emit: Emitter,
  [x, w]: readonly [string, string],
  shapes: PatchShapes,
  outputs: number,
  geometry: ConvGeometry,
): string {
  const { groups } = geometry;
  const [batch, channels] = [shapes.x[0]!, shapes.x[1]!];
  const rows = (channels / groups) * sizeOf(shapes.kernel);
  const seen = reshaped(emit, patches(emit, x, shapes, geometry), [batch, groups, rows, sizeOf(shapes.out)]);
  const product = emit.node("MatMul", [reshaped(emit, w, [groups, outputs / groups, rows]), seen]);
  return reshaped(emit, product, [batch, outputs, ...shapes.out]);
}

/** y = conv(x, w). */
export function lowerConv(node: Tensor, [x, w]: readonly [string, string], emit: Emitter): string {
  const geometry = geometryOf(node);
  if (emit.precision === "float32") return emit.node("Conv", [x, w], onnxGeometry(geometry));
  const [input, weight] = node.inputs as [Tensor, Tensor];
  const shapes = { x: input.shape, kernel: weight.shape.slice(2), out: node.shape.slice(2) };
  return convByPatches(emit, [x, w], shapes, node.shape[1]!, geometry);
}

/** x̄ from ȳ and w. */
export function lowerConvInputGradient(node: Tensor, [y, w]: readonly [string, string], emit: Emitter): string {
  const geometry = geometryOf(node);
  const { strides, pads, dilations, groups } = geometry;
  const [output, weight] = node.inputs as [Tensor, Tensor];
  const n = strides.length;
  const kernel = weight.shape.slice(2);
  const out = output.shape.slice(2);
  const extents = node.shape.slice(2);
  const begin = kernel.map((k, i) => (k - 1) * dilations[i]! - pads[i]!);

  if (emit.precision === "float32") {
    // A kernel that never changes is turned round when the program is compiled; one that does is left to ConvTranspose.
    const end = kernel.map((k, i) => (k - 1) * dilations[i]! - pads[n + i]!);
    const unit = strides.every((stride) => stride === 1) && [...begin, ...end].every((pad) => pad >= 0);
    if (unit && emit.isConstant(w)) {
      const turned = flipped(emit, w, weight.shape, groups);
      return emit.node("Conv", [y, turned], onnxGeometry({ strides, pads: [...begin, ...end], dilations, groups }));
    }
    // What the strided forward pass did not reach at the end becomes output padding.
    const reached = out.map(
      (extent, i) => (extent - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - pads[i]! - pads[n + i]!,
    );
    const rest = extents.map((extent, i) => extent - reached[i]!);
    return emit.node("ConvTranspose", [y, w], { ...onnxGeometry(geometry), output_padding: { ints: rest } });
  }

  // Zeros between neighbours undo the stride; then it is an ordinary convolution with the kernel turned round.
  const [batch, outputs] = [output.shape[0]!, output.shape[1]!];
  let spread = y;
  if (strides.some((stride) => stride !== 1)) {
    const split = [batch, outputs, ...out.flatMap((extent) => [extent, 1])];
    const behind = [0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
    const zeros = emit.node("Pad", [reshaped(emit, y, split), emit.ints([...split.map(() => 0), ...behind])]);
    spread = reshaped(emit, zeros, [batch, outputs, ...out.map((extent, i) => extent * strides[i]!)]);
  }
  const end = extents.map((extent, i) => extent + pads[i]! - out[i]! * strides[i]!);
  // Negative padding cuts off.
  const padded = emit.node("Pad", [spread, emit.ints([...spatial(0, begin), ...spatial(0, end)])]);
  const shapes = {
    x: [batch, outputs, ...extents.map((extent, i) => extent + (kernel[i]! - 1) * dilations[i]!)],
    kernel,
    out: extents,
  };
  const plain = { strides: strides.map(() => 1), pads: pads.map(() => 0), dilations, groups };
  return convByPatches(emit, [padded, flipped(emit, w, weight.shape, groups)], shapes, node.shape[1]!, plain);
}

/** w̄ from x and ȳ: ȳ times the transposed patches of x, summed over the batch. */
export function lowerConvFilterGradient(node: Tensor, [x, y]: readonly [string, string], emit: Emitter): string {
  const geometry = geometryOf(node);
  const { groups } = geometry;
  const [input, output] = node.inputs as [Tensor, Tensor];
  const [batch, outputs] = [output.shape[0]!, output.shape[1]!];
  const kernel = node.shape.slice(2);
  const out = output.shape.slice(2);
  const positions = sizeOf(out);
  const columns = node.shape[1]! * sizeOf(kernel);
  const seen = patches(emit, x, { x: input.shape, kernel, out }, geometry);
  if (batch === 1 && groups === 1) {
    const operands = [reshaped(emit, y, [outputs, positions]), reshaped(emit, seen, [columns, positions])];
    return reshaped(emit, emit.node("Gemm", operands, { transB: { int: 1 } }), node.shape);
  }
  const left = reshaped(emit, y, [batch, groups, outputs / groups, positions]);
  const right = reshaped(emit, seen, [batch, groups, columns, positions]);
  const each = emit.node("MatMul", [left, emit.node("Transpose", [right], { perm: { ints: [0, 1, 3, 2] } })]);
  const total = emit.node("ReduceSum", [each, emit.ints([0])], { keepdims: { int: 0 } });
  return reshaped(emit, total, node.shape);
}
