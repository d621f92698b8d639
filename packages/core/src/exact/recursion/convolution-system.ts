import { sizeOf } from "@recon/engine";
import { type SparseMatrix, sparseMatrix } from "../../linear-algebra/sparse.ts";
import type { RecursionConvolution } from "./recursion.ts";

/** The two sets of linear equations that one convolution z = W * x + b puts on its input x [channels, positions] at batch 1. */
export interface ConvolutionSystem {
  readonly channels: number;
  readonly out: number;
  readonly groups: number;
  /** Positions of the input, of the output, and of the kernel. */
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: number;
  /** Flat input position under every tap at every output position [outputs · taps]; −1 outside the input. */
  readonly positions: Int32Array;
  /** W as a matrix [out · outputs, channels · inputs]: z − b = W x. */
  readonly weights: SparseMatrix;
  /** G(k) of every group [out / groups · taps, inputs], with k = ∂ℓ/∂z: dW[·, c, ·] = G x[c] for every channel c of the group. */
  gradients(k: ArrayLike<number>): readonly SparseMatrix[];
}

/** Writes a convolution as sparse matrices; zeros outside the input have no entries. Any number of spatial axes. */
export function convolutionSystem(layer: RecursionConvolution): ConvolutionSystem {
  const { weight, groups } = layer;
  const channels = layer.inputShape[0]!;
  const out = layer.outputShape[0]!;
  const [perGroup, outPerGroup] = [channels / groups, out / groups];
  const inputs = sizeOf(layer.inputShape.slice(1));
  const outputs = sizeOf(layer.outputShape.slice(1));
  const kernel = weight.shape.slice(2);
  const taps = sizeOf(kernel);
  const positions = inputPositions(layer, kernel);

  const weightRow = (o: number, q: number): { columns: number[]; values: number[] } => {
    const columns: number[] = [];
    const values: number[] = [];
    const firstChannel = Math.floor(o / outPerGroup) * perGroup;
    for (let c = 0; c < perGroup; c++) {
      for (let tap = 0; tap < taps; tap++) {
        const position = positions[q * taps + tap]!;
        if (position < 0) continue;
        columns.push((firstChannel + c) * inputs + position);
        values.push(weight.data[(o * perGroup + c) * taps + tap]!);
      }
    }
    return { columns, values };
  };
  const gradientRow = (k: ArrayLike<number>, o: number, tap: number): { columns: number[]; values: number[] } => {
    const columns: number[] = [];
    const values: number[] = [];
    for (let q = 0; q < outputs; q++) {
      const position = positions[q * taps + tap]!;
      if (position < 0) continue;
      columns.push(position);
      values.push(k[o * outputs + q]!);
    }
    return { columns, values };
  };
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return {
    channels,
    out,
    groups,
    inputs,
    outputs,
    taps,
    positions,
    weights: sparseMatrix(
      channels * inputs,
      range(out * outputs).map((row) => weightRow(Math.floor(row / outputs), row % outputs)),
    ),
    gradients: (k) =>
      range(groups).map((group) =>
        sparseMatrix(
          inputs,
          range(outPerGroup * taps).map((row) =>
            gradientRow(k, group * outPerGroup + Math.floor(row / taps), row % taps),
          ),
        ),
      ),
  };
}

/** Flat input position under every tap of the kernel at every output position [outputs · taps]; −1 outside the input. */
function inputPositions(layer: RecursionConvolution, kernel: readonly number[]): Int32Array {
  const { strides, pads, dilations } = layer;
  const spatial = layer.inputShape.slice(1);
  const outSpatial = layer.outputShape.slice(1);
  const outputs = sizeOf(outSpatial);
  const taps = sizeOf(kernel);
  const result = new Int32Array(outputs * taps);
  for (let q = 0; q < outputs; q++) {
    const at = coordinates(q, outSpatial);
    for (let tap = 0; tap < taps; tap++) {
      const offset = coordinates(tap, kernel);
      let flat = 0;
      for (let axis = 0; axis < spatial.length && flat >= 0; axis++) {
        const x = at[axis]! * strides[axis]! + offset[axis]! * dilations[axis]! - pads[axis]!;
        flat = x < 0 || x >= spatial[axis]! ? -1 : flat * spatial[axis]! + x;
      }
      result[q * taps + tap] = flat;
    }
  }
  return result;
}

function coordinates(flat: number, shape: readonly number[]): number[] {
  const at = new Array<number>(shape.length).fill(0);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    at[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return at;
}
