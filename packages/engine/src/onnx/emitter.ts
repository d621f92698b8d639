import type { Precision } from "../tensor.ts";

export type OnnxAttribute = { int: number } | { ints: readonly number[] } | { float: number } | { string: string };

/** One output of an operator that has several: which, counted from 0, and of how many. */
export interface OutputChoice {
  readonly index: number;
  readonly of: number;
}

/** Collects ONNX nodes while a graph is lowered; each op writes itself through this. */
export interface Emitter {
  readonly precision: Precision;
  /** Adds a node and returns the name of its output, or of the one output that is wanted of an operator with several. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    wanted?: OutputChoice,
  ): string;
  /** An initialiser in the program's floating-point precision. Equal constants are emitted once. */
  float(values: ArrayLike<number>, shape: readonly number[]): string;
  /** An int64 initialiser, as shapes, axes and indices want it. One-dimensional unless `shape` says otherwise. */
  ints(values: readonly number[], shape?: readonly number[]): string;
  /** A cast to the program's floating-point precision, to int64 or to bool. */
  cast(input: string, to: "float" | "int" | "bool"): string;
  /** Whether a value is the same in every run of the program, so that the runtime computes it once. */
  isConstant(name: string): boolean;
  /**
   * A constant that is made from another's float32 numbers now, once for each `how`, and not by the runtime; undefined where there are no such numbers.
   */
  rearranged(
    name: string,
    how: string,
    shape: readonly number[],
    make: (values: Float32Array) => Float32Array,
  ): string | undefined;
}
