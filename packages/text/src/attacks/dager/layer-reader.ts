import type { Matrix, Problem } from "@recon/core";
import {
  add,
  type Executor,
  graph,
  type LinearLayer,
  matmul,
  mul,
  type NdArray,
  type Precision,
  power,
  reshape,
  slice,
  square,
  sum,
  input as symbol,
  type Tensor,
  type Tensors,
  topologicalOrder,
} from "@recon/engine";
import { noToken } from "../../ids.ts";
import { traceIds } from "../../structure/attention-layers.ts";

/** What is read of a layer, and on which ids. */
export interface LayerReading {
  readonly layer: LinearLayer;
  /** Texts a run. */
  readonly rows: number;
  readonly places: number;
  readonly precision: Precision;
  /** First place that is read, 0 unless said. */
  readonly from?: number;
}

/** A compiled part of a model: ids in, numbers about the input of one of its layers out. */
export interface LayerReader {
  /** @param texts ids, any number of texts of at most `places` ids. @returns one row of numbers a text. */
  read(texts: readonly (readonly number[])[]): Promise<Float64Array | Float32Array>;
  /** Numbers of one text. */
  readonly size: number;
  dispose(): Promise<void>;
}

/** The input of a layer at every place, [texts, places, width]: the model's own graph up to there. */
export function layerInputs(problem: Problem, executor: Executor, reading: LayerReading): Promise<LayerReader> {
  return compileReader(problem, executor, reading, {}, (x) => x);
}

/**
 * The share of a layer's input that lies along given directions, at every place [texts, places]:
 *
 *     |Nᵀ v|² / |v|² with v the input, followed by a 1 where `biased`
 *
 * @param directions N [width (+ 1), k], orthonormal columns.
 */
export function shareAlong(
  problem: Problem,
  executor: Executor,
  reading: LayerReading,
  directions: Matrix,
  biased: boolean,
): Promise<LayerReader> {
  const { cols: count, data } = directions;
  const width = directions.rows - (biased ? 1 : 0);
  const arrays = {
    directions: { shape: [width, count], data: data.slice(0, width * count) },
    ...(biased && { last: { shape: [count], data: data.slice(width * count) } }),
  };
  return compileReader(problem, executor, reading, arrays, (x, given) => {
    const along = matmul(x, given.directions!);
    const moved = biased ? add(along, given.last!) : along;
    const size = sum(square(x), [2]);
    return mul(sum(square(moved), [2]), power(biased ? add(size, 1) : size, -1));
  });
}

/** Texts of a run where there are too few to fill a long one. */
const fewRows = 8;

/** The last runs of a reading are short where few texts are left; a program is compiled when it is first needed. */
async function compileReader(
  problem: Problem,
  executor: Executor,
  reading: LayerReading,
  extra: Extra,
  output: (x: Tensor, given: Tensors) => Tensor,
): Promise<LayerReader> {
  const { rows, places } = reading;
  const programs = new Map<number, Promise<RowProgram>>();
  const programOf = (count: number): Promise<RowProgram> => {
    const known = programs.get(count) ?? compileRows(problem, executor, { ...reading, rows: count }, extra, output);
    programs.set(count, known);
    return known;
  };
  const { size } = await programOf(Math.min(fewRows, rows));
  const Numbers = reading.precision === "float32" ? Float32Array : Float64Array;
  return {
    size,
    read: async (texts) => {
      const all = new Numbers(texts.length * size);
      for (let start = 0; start < texts.length; ) {
        const count = texts.length - start > rows / 3 ? rows : Math.min(fewRows, rows);
        const some = texts.slice(start, start + count);
        const data = new Numbers(count * places).fill(noToken);
        // Rows without a text hold an id, so that no row is empty: attention over nothing is no number.
        for (let i = some.length; i < count; i++) data[i * places] = 0;
        for (const [i, text] of some.entries()) data.set(text, i * places);
        const { run } = await programOf(count);
        all.set((await run({ shape: [count, places], data })).subarray(0, some.length * size), start * size);
        start += count;
      }
      return all;
    },
    dispose: async () => {
      for (const program of programs.values()) await (await program).dispose();
    },
  };
}

type Extra = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>;

interface RowProgram {
  /** Numbers of one text. */
  readonly size: number;
  run(ids: NdArray): Promise<Float64Array | Float32Array>;
  dispose(): Promise<void>;
}

async function compileRows(
  problem: Problem,
  executor: Executor,
  { layer, rows, places, precision, from = 0 }: LayerReading,
  extra: Extra,
  output: (x: Tensor, given: Tensors) => Tensor,
): Promise<RowProgram> {
  const { arrays, ids, layers } = traceIds(problem.model, rows, places);
  const found = layers.find(({ weight }) => weight === layer.weight)!.input;
  const width = found.shape.at(-1)!;
  const all = reshape(found, [rows, places, width]);
  const read = from === 0 ? all : slice(all, [0, from, 0], [rows, places - from, width]);
  const given = Object.fromEntries(Object.entries(extra).map(([name, { shape }]) => [name, symbol(name, shape)]));
  const values = output(read, given);
  const used = new Set(topologicalOrder([values]));
  const parameters = Object.fromEntries(Object.entries(arrays).filter(([, tensor]) => used.has(tensor)));
  const program = await executor.compile(graph({ ...parameters, ...given, ids }, { values }), { precision });
  const Numbers = precision === "float32" ? Float32Array : Float64Array;
  const held = Object.fromEntries(
    [...Object.keys(parameters).map((name) => [name, problem.params[name]!] as const), ...Object.entries(extra)].map(
      ([name, { shape, data }]) => [name, { shape, data: data instanceof Numbers ? data : Numbers.from(data) }],
    ),
  );
  return {
    size: values.shape.slice(1).reduce((product, extent) => product * extent, 1),
    run: async (texts) => (await program.run({ ...held, ids: texts })).values!.data as Float64Array | Float32Array,
    dispose: () => program.dispose(),
  };
}

/** Rows of a flat array of layer inputs, each followed by a 1 where `biased`. */
export function withOnes(rows: Float64Array | Float32Array, width: number, biased: boolean): Matrix {
  const count = rows.length / width;
  const cols = biased ? width + 1 : width;
  const data = new Float64Array(count * cols).fill(1);
  for (let i = 0; i < count; i++) data.set(rows.subarray(i * width, (i + 1) * width), i * cols);
  return { rows: count, cols, data };
}
