import type { Matrix, Problem } from "@recon/core";
import {
  add,
  type Executor,
  graph,
  type LinearLayer,
  matmul,
  mul,
  type Precision,
  power,
  slice,
  square,
  sum,
  input as symbol,
  type Tensor,
  type Tensors,
  topologicalOrder,
} from "@recon/engine";
import { noToken } from "../../domain.ts";
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

async function compileReader(
  problem: Problem,
  executor: Executor,
  { layer, rows, places, precision, from = 0 }: LayerReading,
  extra: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>,
  output: (x: Tensor, given: Tensors) => Tensor,
): Promise<LayerReader> {
  const { arrays, ids, layers } = traceIds(problem.model, rows, places);
  const found = layers.find(({ weight }) => weight === layer.weight)!.input;
  const read = from === 0 ? found : slice(found, [0, from, 0], [rows, places - from, found.shape[2]!]);
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
  const size = values.shape.slice(1).reduce((product, extent) => product * extent, 1);
  return {
    size,
    read: async (texts) => {
      const all = new Numbers(texts.length * size);
      for (let start = 0; start < texts.length; start += rows) {
        const some = texts.slice(start, start + rows);
        const data = new Numbers(rows * places).fill(noToken);
        // Rows without a text hold an id, so that no row is empty: attention over nothing is no number.
        for (let i = some.length; i < rows; i++) data[i * places] = 0;
        for (const [i, text] of some.entries()) data.set(text, i * places);
        const result = await program.run({ ...held, ids: { shape: [rows, places], data } });
        all.set((result.values!.data as Float64Array).subarray(0, some.length * size), start * size);
      }
      return all;
    },
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
