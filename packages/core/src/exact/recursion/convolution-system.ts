import { sizeOf } from "@recon/engine";
import { type SparseMatrix, sparseMatrix } from "../../linear-algebra/sparse.ts";
import type { RecursionConvolution } from "./recursion.ts";

/** The two sets of linear equations that one convolution z = W * x + b puts on its input x [channels, positions] at batch 1. */
export interface ConvolutionSystem {
  readonly channels: number;
  readonly out: number;
  readonly groups: number;
  /** Positions of the input, of the output, of the product before windows of it are averaged (the output's where none are), and of the kernel. */
  readonly inputs: number;
  readonly outputs: number;
  readonly places: number;
  readonly taps: number;
  /** Flat input position under every tap at every place of the product [places · taps]; −1 outside the input. */
  readonly positions: Int32Array;
  /** The output whose window holds each place [places], and 1 / size of a window. */
  readonly windows: Int32Array;
  readonly share: number;
  /** W as a matrix [out · outputs, channels · inputs], averages included: z − b = W x. */
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
  const grid = layer.outputShape.slice(1).map((extent, axis) => extent * (layer.window?.[axis] ?? 1));
  const places = sizeOf(grid);
  const positions = inputPositions(layer, grid, kernel);
  const windows = windowsOf(grid, layer.outputShape.slice(1));
  const share = outputs / places;
  const members: number[][] = range(outputs).map(() => []);
  windows.forEach((q, place) => {
    members[q]!.push(place);
  });

  /** The row of W at one place, columns ascending. */
  const placeRow = (o: number, place: number): Row => {
    const columns: number[] = [];
    const values: number[] = [];
    const firstChannel = Math.floor(o / outPerGroup) * perGroup;
    for (let c = 0; c < perGroup; c++) {
      for (let tap = 0; tap < taps; tap++) {
        const position = positions[place * taps + tap]!;
        if (position < 0) continue;
        columns.push((firstChannel + c) * inputs + position);
        values.push(weight.data[(o * perGroup + c) * taps + tap]!);
      }
    }
    return { columns, values };
  };
  const weightRow = (o: number, q: number): Row => {
    const rows = members[q]!.map((place) => placeRow(o, place));
    return rows.length === 1 ? rows[0]! : meanRow(rows);
  };
  const gradientRow = (k: ArrayLike<number>, o: number, tap: number): Row => {
    const columns: number[] = [];
    const values: number[] = [];
    for (let place = 0; place < places; place++) {
      const position = positions[place * taps + tap]!;
      if (position < 0) continue;
      columns.push(position);
      values.push(share * k[o * outputs + windows[place]!]!);
    }
    return { columns, values };
  };
  return {
    channels,
    out,
    groups,
    inputs,
    outputs,
    places,
    taps,
    positions,
    windows,
    share,
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

interface Row {
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The mean of sparse rows, columns ascending. */
function meanRow(rows: readonly Row[]): Row {
  const sums = new Map<number, number>();
  for (const { columns, values } of rows) {
    columns.forEach((column, i) => {
      sums.set(column, (sums.get(column) ?? 0) + values[i]! / rows.length);
    });
  }
  const columns = [...sums.keys()].sort((a, b) => a - b);
  return { columns, values: columns.map((column) => sums.get(column)!) };
}

/** The flat position on a coarse grid of every position of a fine one of a whole multiple of its extents. */
function windowsOf(fine: readonly number[], coarse: readonly number[]): Int32Array {
  return Int32Array.from({ length: sizeOf(fine) }, (_, place) =>
    coordinates(place, fine).reduce((flat, at, axis) => {
      const extent = coarse[axis]!;
      return flat * extent + Math.floor((at * extent) / fine[axis]!);
    }, 0),
  );
}

/** Flat input position under every tap of the kernel at every place of the product [places · taps]; −1 outside the input. */
function inputPositions(layer: RecursionConvolution, grid: readonly number[], kernel: readonly number[]): Int32Array {
  const { strides, pads, dilations } = layer;
  const spatial = layer.inputShape.slice(1);
  const places = sizeOf(grid);
  const taps = sizeOf(kernel);
  const result = new Int32Array(places * taps);
  for (let q = 0; q < places; q++) {
    const at = coordinates(q, grid);
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
