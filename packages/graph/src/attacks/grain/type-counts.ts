import { type Matrix, matrix } from "@recon/core";
import type { AmountEquations } from "./gradient-sketch.ts";
import type { NodeTypes } from "./node-types.ts";
import { nonNegative } from "./non-negative.ts";

/** Types that the model makes the same row of, and which share of all nodes they are together; of a sum, how many. */
export interface TypeClass {
  readonly options: readonly number[];
  readonly amount: number;
}

export interface TypeCounts {
  readonly classes: readonly TypeClass[];
  /** ‖Σ amounts · rows − pooled row‖ / ‖pooled row‖. */
  readonly residual: number;
  /** Whether no other amounts explain the pooled row. */
  readonly unique: boolean;
}

export interface TypeCountOptions {
  readonly nodes: NodeTypes;
  readonly pooled: Float64Array;
  readonly pooling: "mean" | "sum";
  /** Further equations for the amounts. */
  readonly further?: AmountEquations;
  /** Relative accuracy of the pooled row. */
  readonly accuracy: number;
  readonly signal: AbortSignal;
}

/**
 * How often each type of node occurs: the pooled row is a sum of rows of types with amounts ≥ 0, which add up to 1 in a mean.
 *
 * Rows are compared after a ReLU or the like, so equal rows are common and other dependencies rare; where there is one, whether it leaves room for other
 * amounts is decided by a second problem of the same form, Σ z = 1, z ≥ 0 on the types of amount 0 with their rows in the span of the others.
 */
export async function typeCounts(options: TypeCountOptions): Promise<TypeCounts> {
  const { pooling, accuracy, signal } = options;
  const { width, rows: embeddings, right: pooled } = equationsOf(options);
  const size = Math.hypot(...pooled);
  const groups = equalRows(width, embeddings, accuracy);
  const extra = pooling === "mean" ? 1 : 0;
  const system = matrix(width + extra, groups.length);
  groups.forEach(([first], j) => {
    for (let i = 0; i < width; i++) system.data[i * groups.length + j] = embeddings[first! * width + i]!;
    if (extra > 0) system.data[width * groups.length + j] = size;
  });
  const { x, residual } = await nonNegative(system, [...pooled, ...(extra > 0 ? [size] : [])], signal);
  const least = 1e3 * accuracy * Math.max(...x);
  const used = groups.flatMap((options, j) => (x[j]! > least ? [{ options, amount: x[j]!, column: j }] : []));
  return {
    classes: used,
    residual: residual / size,
    unique: await nothingElse(
      system,
      used.map(({ column }) => column),
      Math.max(1e-8, 100 * accuracy),
      signal,
    ),
  };
}

/** The pooled row and what is further known as one set of equations, of one size. */
function equationsOf({ nodes: { width, embeddings, degrees }, pooled, further }: TypeCountOptions): AmountEquations {
  if (further === undefined) return { width, rows: embeddings, right: pooled };
  const scale = Math.hypot(...pooled) / Math.hypot(...further.right);
  const all = width + further.width;
  const rows = new Float64Array(degrees.length * all);
  for (let j = 0; j < degrees.length; j++) {
    rows.set(embeddings.subarray(j * width, (j + 1) * width), j * all);
    const own = further.rows.subarray(j * further.width, (j + 1) * further.width);
    own.forEach((value, i) => {
      rows[j * all + width + i] = scale * value;
    });
  }
  return { width: all, rows, right: Float64Array.of(...pooled, ...further.right.map((value) => scale * value)) };
}

/** Types with equal rows together. */
function equalRows(width: number, embeddings: Float64Array, accuracy: number): number[][] {
  const row = (j: number): Float64Array => embeddings.subarray(j * width, (j + 1) * width);
  const sizes = Float64Array.from({ length: embeddings.length / width }, (_, j) => Math.hypot(...row(j)));
  // Equal rows are equally long, so only neighbours in the order of lengths are compared.
  const order = [...sizes.keys()].sort((a, b) => sizes[a]! - sizes[b]!);
  const groups: number[][] = [];
  for (const j of order) {
    const size = sizes[j]!;
    let twin: number[] | undefined;
    for (let k = groups.length - 1; k >= 0 && twin === undefined; k--) {
      const first = groups[k]![0]!;
      if (size - sizes[first]! > width * accuracy * size) break;
      const other = row(first);
      if (row(j).every((value, i) => Math.abs(value - other[i]!) <= accuracy * size)) twin = groups[k];
    }
    if (twin === undefined) groups.push([j]);
    else twin.push(j);
  }
  return groups;
}

/** Whether no combination of the other columns with amounts ≥ 0 lies in the span of those used. */
async function nothingElse(
  system: Matrix,
  used: readonly number[],
  tolerance: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { rows, cols, data } = system;
  const others = Array.from({ length: cols }, (_, j) => j).filter((j) => !used.includes(j));
  if (others.length === 0) return true;
  const basis: Float64Array[] = [];
  const column = (j: number): Float64Array => Float64Array.from({ length: rows }, (_, i) => data[i * cols + j]!);
  const outside = (v: Float64Array): Float64Array => {
    const rest = v.slice();
    for (let pass = 0; pass < 2; pass++) {
      for (const q of basis) {
        let along = 0;
        for (let i = 0; i < rows; i++) along += q[i]! * rest[i]!;
        for (let i = 0; i < rows; i++) rest[i]! -= along * q[i]!;
      }
    }
    return rest;
  };
  for (const j of used) {
    const rest = outside(column(j));
    const size = Math.hypot(...rest);
    basis.push(rest.map((value) => value / size));
  }
  const parts = others.map((j) => {
    const own = column(j);
    const size = Math.hypot(...own);
    return outside(own).map((value) => value / size);
  });
  const second = matrix(rows + 1, others.length);
  parts.forEach((part, k) => {
    for (let i = 0; i < rows; i++) second.data[i * others.length + k] = part[i]!;
    second.data[rows * others.length + k] = 1;
  });
  const { residual } = await nonNegative(second, [...new Float64Array(rows), 1], signal);
  // What was stopped on the way says nothing.
  return residual > tolerance && !signal.aborted;
}
