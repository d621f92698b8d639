/** What an ONNX file holds, as read: nothing is checked yet but that the bytes are well-formed. */

/** A stored tensor: `TensorProto`. */
export interface StoredTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** `TensorProto.DataType`. */
  readonly type: number;
  /** Little-endian elements, a view of the file. */
  readonly raw?: Uint8Array;
  /** Elements of the typed fields (`float_data`, `int32_data`, `int64_data`, `double_data`, `uint64_data`). */
  readonly numbers: readonly number[];
  /** Key-value pairs of data kept in another file. */
  readonly external?: ReadonlyMap<string, string>;
}

/** What an attribute may hold, by its kind; `graph` is a nested graph, `other` whatever the engine does not read. */
export interface AttributeValues {
  readonly float: number;
  readonly int: number;
  readonly string: string;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: StoredTensor;
  readonly graph: OnnxGraph;
  readonly other: null;
}

/** A value of an attribute. */
export type AttributeValue = {
  readonly [K in keyof AttributeValues]: { readonly kind: K; readonly value: AttributeValues[K] };
}[keyof AttributeValues];

/** One operation: `NodeProto`. An empty input name is an input left out. */
export interface FileNode {
  readonly name: string;
  readonly opType: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** A named input or output: extents are numbers, the name of a dynamic extent, or `?`. */
export interface FileValue {
  readonly name: string;
  /** `TensorProto.DataType`, or 0 where the value is not a tensor or its type is not said. */
  readonly type: number;
  /** Absent where the file says nothing of the shape. */
  readonly shape?: readonly (number | string)[];
}

/** `GraphProto`. */
export interface OnnxGraph {
  readonly nodes: readonly FileNode[];
  readonly initialisers: readonly StoredTensor[];
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** `ModelProto`. */
export interface OnnxFile {
  readonly producer: string;
  /** Version of each operator set by its domain; the standard one is "". */
  readonly opsets: ReadonlyMap<string, number>;
  /** Number of model-local functions, which are not supported. */
  readonly functions: number;
  readonly graph: OnnxGraph;
}
