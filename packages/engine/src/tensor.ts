import type { Emitter } from "./onnx/emitter.ts";

/** What a tensor holds. `float` becomes float32 or float64 only when a program is compiled (`Precision`). */
export type DType = "float" | "int" | "bool";

/** Extent along every axis; `[]` is a scalar. */
export type Shape = readonly number[];

/** Width of the floating-point numbers of a compiled program. */
export type Precision = "float32" | "float64";

/** A concrete array in row-major order. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** A named set of concrete arrays: parameters, a gradient, a batch. */
export type Arrays = Readonly<Record<string, NdArray>>;

/** A named set of symbolic tensors, the symbolic twin of `Arrays`. */
export type Tensors = Readonly<Record<string, Tensor>>;

export type Attribute = number | string | boolean | readonly number[] | Float64Array;
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * A symbolic tensor: one immutable node of a directed acyclic graph.
 *
 * Nodes are plain data and hold their operands directly, so any set of outputs is a graph and what nothing refers to does not exist.
 */
export interface Tensor {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * An operation: its derivatives, its meaning and its lowering, each in one function.
 *
 * Shapes are checked by the function that builds the node (`add`, `conv`, ...), so these may rely on them.
 */
export interface Op {
  readonly name: string;
  /**
   * Cotangents of the inputs given the cotangent of the output: x̄ᵢ = (∂y/∂xᵢ)ᵀ ȳ, built from the same ops so that any order works.
   * `null` where the derivative is zero everywhere by rule.
   */
  vjp(node: Tensor, cotangent: Tensor): readonly (Tensor | null)[];
  /**
   * Tangent of the output given the tangents of the inputs: ẏ = Σᵢ (∂y/∂xᵢ) ẋᵢ, of the shape of the output, built from the same ops. `null` is zero,
   * on both sides. An op without this rule gets its tangent from two uses of `vjp`.
   */
  jvp?(node: Tensor, tangents: readonly (Tensor | null)[]): Tensor | null;
  /**
   * The node for K values of its operands at once, [K, ...shape], or as an operand where it may be the same for all; at least one operand is mapped. An op without
   * this rule is repeated. `null` where the rule has no answer.
   */
  map?(node: Tensor, operands: readonly MappedOperand[], count: number): Tensor | MappedOperand | null;
  /** Value of the node in float64 from the values of its inputs: slow and obvious, the definition the rest is tested against. */
  evaluate(node: Tensor, inputs: readonly Float64Array[]): Float64Array;
  /** Emits ONNX nodes and returns the name of the output. */
  lower(node: Tensor, inputs: readonly string[], emit: Emitter): string;
}

/** An operand of a node that is computed for K values at once: [K, ...shape] where it differs among them, else as it was. */
export interface MappedOperand {
  readonly tensor: Tensor;
  readonly mapped: boolean;
}

/** Number of elements: ∏ shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}
