import type { Matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { Linearisation } from "../../solvers/levenberg-marquardt.ts";
import { type BlockPoint, type BoundedBlock, blockAt, gradientRow } from "./bounded-block.ts";
import { type EntryLoss, entryLoss } from "./entry-loss.ts";
import { normalBlocks, type WeightedRows } from "./normal-blocks.ts";

/** How a point is judged. */
export interface BoundedFitOptions {
  /** Width s of the smoothed walls, 0 for hinges. */
  readonly width?: number;
  /** Whether entries that are not known count at all; true unless said. */
  readonly intervals?: boolean;
}

/**
 * The cost Σ loss(G_jk; lower_jk, upper_jk) of a point (x, r) of a bounded block, its gradient and its Gauss–Newton matrix Jᵀ diag(curvature) J.
 *
 * Where the mean magnitude M is known, n (mean|G| − M)² counts as well: bounds that all start at zero do not fix the scale.
 */
export function boundedFit(
  block: BoundedBlock,
  product: MatrixProduct,
  options: BoundedFitOptions = {},
): { cost(point: Float64Array): Promise<number>; linearise(point: Float64Array): Promise<Linearisation> } {
  return {
    cost: async (point) => accumulate(block, await blockAt(block, point, 1), options).cost,
    linearise: async (point) => {
      const at = await blockAt(block, point, 2);
      const rows = accumulate(block, at, options, { weights: true });
      const { normal, gradient } = await normalBlocks(block, at, rows, product);
      if (rows.anchor !== undefined) addAnchor(block, at, rows.anchor, normal, gradient);
      if (block.biased) holdBias(normal, gradient, block.weight.cols, at.errors.length);
      return { cost: rows.cost, normal, gradient };
    },
  };
}

interface Anchor {
  /** mean|G| − M. */
  readonly misfit: number;
  readonly entries: number;
}

type Rows = WeightedRows & { readonly cost: number; readonly anchor?: Anchor };

/** Slopes and, where asked for, curvatures of all entries. */
function accumulate(
  block: BoundedBlock,
  at: BlockPoint,
  { width = 0, intervals = true }: BoundedFitOptions,
  { weights = false } = {},
): Rows {
  const { lower, upper, meanMagnitude } = block;
  const { rows, cols } = block.weight;
  const slopes = new Float64Array(weights ? rows * cols : 0);
  const curvatures = new Float64Array(weights ? rows * cols : 0);
  const row = new Float64Array(cols);
  const loss: EntryLoss = { cost: 0, slope: 0, curvature: 0 };
  let [cost, magnitude] = [0, 0];
  for (let j = 0, n = 0; j < rows; j++) {
    gradientRow(at, j, row);
    for (let k = 0; k < cols; k++, n++) {
      const [low, high] = [lower[n]!, upper[n]!];
      if (meanMagnitude !== undefined) magnitude += Math.abs(row[k]!);
      if (low !== high && !intervals) continue;
      entryLoss(row[k]!, low, high, width, loss);
      cost += loss.cost;
      if (!weights) continue;
      slopes[n] = loss.slope;
      curvatures[n] = loss.curvature;
    }
  }
  if (meanMagnitude === undefined || !intervals) return { cost, slopes, curvatures };
  const entries = rows * cols;
  const misfit = magnitude / entries - meanMagnitude;
  return { cost: cost + entries * misfit * misfit, slopes, curvatures, anchor: { misfit, entries } };
}

/** The part of one more equation, √n (mean|G| − M) = 0. */
function addAnchor(
  block: BoundedBlock,
  at: BlockPoint,
  { misfit, entries }: Anchor,
  normal: Matrix,
  gradient: Float64Array,
): void {
  const { weight } = block;
  const { inputs, errors, slopes, curvatures, perError } = at;
  const size = errors.length;
  const width = weight.cols;
  const row = new Float64Array(width);
  const change = new Float64Array(gradient.length);
  for (let j = 0; j < weight.rows; j++) {
    gradientRow(at, j, row);
    for (let i = 0; i < size; i++) {
      let along = 0;
      for (let k = 0; k < width; k++) along += Math.sign(row[k]!) * inputs.data[i * width + k]!;
      const [slope, curvature] = [slopes[j * size + i]!, curvatures[j * size + i]! * along];
      for (let k = 0; k < width; k++) {
        change[i * width + k]! += slope * Math.sign(row[k]!) + curvature * weight.data[j * width + k]!;
      }
      change[size * width + i]! += perError[j * size + i]! * along;
    }
  }
  const n = gradient.length;
  for (let p = 0; p < n; p++) {
    gradient[p]! += misfit * change[p]!;
    for (let q = 0; q <= p; q++) normal.data[p * n + q]! += (change[p]! * change[q]!) / entries;
  }
}

/** The bias coordinate of every sample is 1 and is no unknown: nothing depends on it. */
function holdBias(normal: Matrix, gradient: Float64Array, width: number, size: number): void {
  const n = gradient.length;
  for (let i = 0; i < size; i++) {
    const held = i * width + width - 1;
    gradient[held] = 0;
    for (let q = 0; q < n; q++) {
      normal.data[held * n + q] = 0;
      normal.data[q * n + held] = 0;
    }
  }
}
