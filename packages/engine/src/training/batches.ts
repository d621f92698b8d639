import { EngineError } from "../errors.ts";
import type { Arrays, NdArray } from "../tensor.ts";

/** One mini-batch. */
export interface Batch {
  /** Arrays by name, the first axis running over examples; the same names and shapes every time. */
  readonly arrays: Arrays;
  /** Weight of every example [B], where the source is weighted. */
  readonly weights?: NdArray;
  /** How many examples count. */
  readonly examples: number;
}

/** Where mini-batches come from. Any batch can be asked for at any time, so that a run can resume in the middle of an epoch. */
export interface Batches {
  readonly stepsPerEpoch: number;
  /** Whether batches bring weights. */
  readonly weighted: boolean;
  /** Batch 0 … stepsPerEpoch − 1 of an epoch; equal arguments give equal arrays. */
  at(epoch: number, index: number): Batch | Promise<Batch>;
}

/** The order of n examples in an epoch, a permutation of 0 … n − 1; equal arguments give equal orders. */
export type Shuffle = (examples: number, epoch: number) => readonly number[];

export interface BatchesOptions {
  /** Arrays of one common first extent n, the number of examples. Int32Array becomes an integer input. */
  readonly data: Arrays;
  /** Examples a batch, 1 … n. */
  readonly batchSize: number;
  /** Order of the examples, by epoch; as they are, by default. */
  readonly shuffle?: Shuffle;
  /** What becomes of the n mod batchSize examples that fill no batch: masked by weights of 0 (default) or dropped until another epoch. */
  readonly incomplete?: "mask" | "drop";
}

/**
 * Mini-batches of arrays in memory. An incomplete last batch is filled up with examples of weight 0.
 *
 * @throws EngineError `bad-data` when the arrays have no common first extent or are empty, `bad-option` for a batch size that does not fit,
 * `bad-permutation` from `at` when the shuffle gives something else than a permutation.
 */
export function batchesOf({ data, batchSize, shuffle, incomplete = "mask" }: BatchesOptions): Batches {
  const examples = commonExtent(data);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > examples) {
    throw new EngineError("bad-option", `The batch size must be 1 … ${examples}, not ${batchSize}.`);
  }
  const left = examples % batchSize;
  const weighted = left > 0 && incomplete === "mask";
  const stepsPerEpoch = Math.floor(examples / batchSize) + (weighted ? 1 : 0);
  let known: { readonly epoch: number; readonly order: readonly number[] } | undefined;
  const orderOf = (epoch: number): readonly number[] | undefined => {
    if (shuffle === undefined) return undefined;
    if (known?.epoch !== epoch) known = { epoch, order: permutation(shuffle(examples, epoch), examples) };
    return known.order;
  };
  const at = (epoch: number, index: number): Batch => {
    const order = orderOf(epoch);
    const first = index * batchSize;
    const counted = Math.min(batchSize, examples - first);
    // The examples that fill up are real ones, so that nothing undefined is computed on the way to a weight of 0.
    const rows = Array.from({ length: batchSize }, (_, i) => {
      const place = (first + i) % examples;
      return order === undefined ? place : order[place]!;
    });
    const arrays = Object.fromEntries(Object.entries(data).map(([name, array]) => [name, gatherRows(array, rows)]));
    if (!weighted) return { arrays, examples: counted };
    const weights = Float32Array.from({ length: batchSize }, (_, i) => Number(i < counted));
    return { arrays, examples: counted, weights: { shape: [batchSize], data: weights } };
  };
  return { stepsPerEpoch, weighted, at };
}

function commonExtent(data: Arrays): number {
  const extents = Object.entries(data).map(([name, { shape }]) => ({ name, extent: shape[0] ?? 0 }));
  const first = extents[0];
  const other = extents.find(({ extent }) => extent !== first?.extent || extent === 0);
  if (first === undefined || other !== undefined) {
    const listed = extents.map(({ name, extent }) => `"${name}" ${extent}`).join(", ");
    throw new EngineError(
      "bad-data",
      `The data must share one number of examples above 0; it has ${listed || "none"}.`,
    );
  }
  return first.extent;
}

function permutation(order: readonly number[], examples: number): readonly number[] {
  const seen = new Set(order);
  const fits = order.length === examples && seen.size === examples;
  if (!fits || order.some((place) => !Number.isInteger(place) || place < 0 || place >= examples)) {
    throw new EngineError("bad-permutation", `The shuffle must give every number of 0 … ${examples - 1} once.`);
  }
  return order;
}

function gatherRows({ shape, data }: NdArray, rows: readonly number[]): NdArray {
  const width = data.length / shape[0]!;
  const OfItsType = data.constructor as new (length: number) => NdArray["data"];
  const result = new OfItsType(rows.length * width);
  rows.forEach((row, i) => {
    result.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, ...shape.slice(1)], data: result };
}
