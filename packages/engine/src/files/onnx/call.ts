import { EngineError } from "../../errors.ts";
import { constant } from "../../ops/leaf.ts";
import { type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import type { AttributeValue, AttributeValues, FileNode, OnnxGraph, StoredTensor } from "./model.ts";
import { listShape, quote } from "./quote.ts";

/** What an operator turns into: one tensor an output; outputs that the translation does not compute are missing. */
export type Translated = Tensor | readonly Tensor[];

/** Turns one node of a file into engine ops. */
export type Translate = (call: Call) => Translated;

/** One row of the table of supported operators. */
export interface OpEntry {
  /** `Name`, or `domain::Name`. */
  readonly name: string;
  /** First operator-set version that has it. */
  readonly since: number;
  /** What of the operator is not supported, for the documentation. */
  readonly limits?: string;
  readonly translate: Translate;
}

/** A node to translate, with its operands in the engine's terms. */
export interface Call {
  /** Version of the node's operator set. */
  readonly opset: number;
  /** Number of inputs written, left-out ones included. */
  readonly count: number;
  /** Names of the outputs; an empty name is not wanted. */
  readonly outputs: readonly string[];
  /** An input that must be there. @throws EngineError `onnx-malformed`. */
  input(index: number): Tensor;
  /** An input that may be left out. */
  optional(index: number): Tensor | undefined;
  has(attribute: string): boolean;
  int(attribute: string, otherwise: number): number;
  float(attribute: string, otherwise: number): number;
  string(attribute: string, otherwise: string): string;
  ints(attribute: string): readonly number[] | undefined;
  /** Numbers of a tensor, where they do not depend on an input of the model. */
  values(x: Tensor): Float64Array | undefined;
  /** Numbers of an input that the operator needs at import. @throws EngineError `onnx-not-constant`. */
  numbers(index: number, what: string): readonly number[];
  /** A stored tensor as a constant. */
  stored(tensor: StoredTensor): Tensor;
  attribute(name: string): AttributeValue | undefined;
  /** The outputs of a nested graph. @throws EngineError `onnx-malformed`. */
  branch(attribute: string): readonly Tensor[];
  /** An error that says where in the model it happened. */
  error(code: string, reason: string): EngineError;
}

/** Where a node is in the model, for messages. */
export function placeOf(node: FileNode): string {
  const operator = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  return `${quote(operator)}${node.name === "" ? "" : ` named ${quote(node.name)}`} with output ${quote(node.outputs[0] ?? "")}`;
}

/** What a call needs from the import it is part of. */
export interface CallSurroundings {
  readonly opset: number;
  readonly operands: readonly (Tensor | undefined)[];
  values(x: Tensor): Float64Array | undefined;
  stored(tensor: StoredTensor): Tensor;
  branch(graph: OnnxGraph): readonly Tensor[];
}

/** Wraps a node of a file for its translation. */
export function callOf(node: FileNode, { opset, operands, values, stored, branch }: CallSurroundings): Call {
  const error = (code: string, reason: string): EngineError =>
    new EngineError(code, `ONNX operator ${placeOf(node)}: ${reason}`);
  const attribute = <K extends keyof AttributeValues>(name: string, kind: K): AttributeValues[K] | undefined => {
    const found = node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) throw error("onnx-malformed", `attribute ${quote(name)} is not of kind ${kind}.`);
    return found.value as AttributeValues[K];
  };
  const input = (index: number): Tensor => {
    const found = operands[index];
    if (found === undefined) throw error("onnx-malformed", `input ${index} is missing.`);
    return found;
  };
  return {
    opset,
    count: operands.length,
    outputs: node.outputs,
    input,
    optional: (index) => operands[index],
    has: (name) => node.attributes.has(name),
    attribute: (name) => node.attributes.get(name),
    branch: (name) => {
      const graph = attribute(name, "graph");
      if (graph === undefined) throw error("onnx-malformed", `the graph ${quote(name)} is missing.`);
      return branch(graph);
    },
    int: (name, otherwise) => attribute(name, "int") ?? otherwise,
    float: (name, otherwise) => attribute(name, "float") ?? otherwise,
    string: (name, otherwise) => attribute(name, "string") ?? otherwise,
    ints: (name) => attribute(name, "ints"),
    values,
    stored,
    numbers: (index, what) => {
      const found = values(input(index));
      if (found === undefined) {
        throw error(
          "onnx-not-constant",
          `${what} must be known when the model is imported, but it depends on the model's inputs. Export the model with fixed shapes (no dynamic_axes), or compute ${what} outside the model.`,
        );
      }
      if (found.length > 65_536) throw error("onnx-too-large", `${what} has ${found.length} numbers.`);
      return Array.from(found);
    },
    error,
  };
}

/** An axis counted from the front. @throws EngineError `axis`. */
export function axisOf(call: Call, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw call.error("axis", `axis ${axis} does not fit a tensor of rank ${rank}.`);
  }
  return at;
}

/** Integers as a constant; one-dimensional unless `shape` says otherwise. */
export function integers(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
  return constant(values, shape, "int");
}

/** Most elements of a tensor; larger ones are refused before anything is computed. */
const mostElements = 2 ** 31;

/** The tensor, if its shape is one that can exist. @throws EngineError `onnx-too-large` or `shape`. */
export function checkSize(call: Pick<Call, "error">, x: Tensor): Tensor {
  if (x.shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0)) {
    throw call.error("shape", `the result would have shape ${listShape(x.shape)}.`);
  }
  if (x.shape.length > 32 || sizeOf(x.shape) > mostElements) {
    throw call.error(
      "onnx-too-large",
      `the result would have shape ${listShape(x.shape)}; 2³¹ elements are the limit.`,
    );
  }
  return x;
}

/** Longest list of positions that is written out along an axis. */
const longest = 2 ** 20;

/** A length for `Array.from`, if it is one that can be written out. @throws EngineError `onnx-too-large`. */
export function axisLength(call: Call, length: number): { length: number } {
  if (!(length >= 0 && length <= longest)) throw call.error("onnx-too-large", `an axis would have extent ${length}.`);
  return { length };
}
