import { EngineError } from "./errors.ts";
import type { CompileOptions, Executor, Program } from "./executor.ts";
import type { Graph } from "./graph.ts";
import { type Arrays, type NdArray, sizeOf } from "./tensor.ts";

export interface BucketOptions {
  readonly executor: Executor;
  /**
   * The program for a bucket of `size` rows. Its inputs named in `rows`, and an input `mask` [size] if it has one, have `size` rows; so
   * have its outputs named in `rows`. The mask is 1 on rows that are there and 0 on padding.
   */
  readonly build: (size: number) => Graph;
  /** Names of the inputs and outputs whose first axis changes from call to call. */
  readonly rows: readonly string[];
  /** Most rows of one call; larger ones are refused. */
  readonly largest?: number;
  readonly options?: CompileOptions;
}

/** A program for inputs of any length. */
export interface BucketedProgram {
  /**
   * Pads to the next power of two, runs, and cuts the padding off.
   *
   * @throws EngineError `bucket` when there are no rows, unequal numbers of rows, or more than `largest`.
   */
  run(inputs: Arrays): Promise<Arrays>;
  /** Sizes compiled so far, ascending. */
  sizes(): readonly number[];
  dispose(): Promise<void>;
}

/**
 * One program a power of two instead of one a length: a search over candidates of changing size compiles at most log₂(largest) + 1 programs.
 *
 * Padding rows are zeros; what mixes rows (a mean, a softmax over them) must use the mask.
 */
export function bucketed({ executor, build, rows, largest = 4096, options }: BucketOptions): BucketedProgram {
  const programs = new Map<number, Promise<Program>>();
  const programOf = (size: number): Promise<Program> => {
    const known = programs.get(size);
    if (known !== undefined) return known;
    const compiled = executor.compile(build(size), options);
    programs.set(size, compiled);
    // A failed compilation is not kept, so that the next call says the same and not something stale.
    compiled.catch(() => programs.delete(size));
    return compiled;
  };
  return {
    run: async (inputs) => {
      const count = rowCount(inputs, rows, largest);
      const size = 2 ** Math.ceil(Math.log2(count));
      const program = await programOf(size);
      const masked = program.graph.inputs.mask === undefined ? {} : { mask: maskOf(count, size) };
      const padded = Object.entries(inputs).map(([name, array]) => [
        name,
        rows.includes(name) ? padRows(array, size) : array,
      ]);
      const outputs = await program.run({ ...Object.fromEntries(padded), ...masked });
      return Object.fromEntries(
        Object.entries(outputs).map(([name, array]) => [name, rows.includes(name) ? cutRows(array, count) : array]),
      );
    },
    sizes: () => [...programs.keys()].sort((a, b) => a - b),
    dispose: async () => {
      const held = [...programs.values()];
      programs.clear();
      for (const program of held) await (await program).dispose();
    },
  };
}

function rowCount(inputs: Arrays, rows: readonly string[], largest: number): number {
  const counts = Object.entries(inputs)
    .filter(([name]) => rows.includes(name))
    .map(([, array]) => array.shape[0] ?? 0);
  const count = counts[0] ?? 0;
  if (count < 1 || count > largest || counts.some((other) => other !== count)) {
    throw new EngineError(
      "bucket",
      `Inputs ${rows.join(", ")} must have one number of rows, from 1 to ${largest}; found ${counts.join(", ") || "none"}.`,
    );
  }
  return count;
}

function padRows({ shape, data }: NdArray, size: number): NdArray {
  const target = [size, ...shape.slice(1)];
  if (shape[0] === size) return { shape, data };
  const padded =
    data instanceof Int32Array
      ? new Int32Array(sizeOf(target))
      : data instanceof Float32Array
        ? new Float32Array(sizeOf(target))
        : new Float64Array(sizeOf(target));
  padded.set(data);
  return { shape: target, data: padded };
}

function cutRows({ shape, data }: NdArray, count: number): NdArray {
  const target = [count, ...shape.slice(1)];
  return { shape: target, data: data.slice(0, sizeOf(target)) };
}

function maskOf(count: number, size: number): NdArray {
  return { shape: [size], data: Float32Array.from({ length: size }, (_, i) => (i < count ? 1 : 0)) };
}
