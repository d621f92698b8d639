import { EngineError } from "../../errors.ts";
import type { AttributeValue, FileNode, FileValue, OnnxFile, OnnxGraph, StoredTensor } from "./model.ts";
import { type FieldCount, forEachField } from "./wire.ts";

/** Graphs inside attributes of nodes inside graphs ... deeper than this no exporter goes. */
const deepest = 8;

/** Reads where it is told to, at a depth of nested graphs. */
interface At {
  readonly count: FieldCount;
  readonly depth: number;
}

// StringStringEntryProto: 1 key, 2 value.
function readEntry(bytes: Uint8Array, { count }: At): [string, string] {
  let [key, value] = ["", ""];
  forEachField(bytes, "a key and its value", count, (field) => {
    if (field.number === 1) key = field.text();
    else if (field.number === 2) value = field.text();
  });
  return [key, value];
}

// TensorProto: 1 dims, 2 data_type, 4 float_data, 5 int32_data, 7 int64_data, 8 name, 9 raw_data, 10 double_data, 11 uint64_data,
// 13 external_data, 14 data_location (1 external).
function readTensor(bytes: Uint8Array, at: At): StoredTensor {
  let [name, type, location] = ["", 0, 0];
  let raw: Uint8Array | undefined;
  const dims: number[] = [];
  const numbers: number[] = [];
  const external = new Map<string, string>();
  forEachField(bytes, "a tensor", at.count, (field) => {
    if (field.number === 1) field.ints(dims);
    else if (field.number === 2) type = field.int();
    else if (field.number === 4) field.floats(numbers);
    else if (field.number === 5 || field.number === 7 || field.number === 11) field.ints(numbers);
    else if (field.number === 8) name = field.text();
    else if (field.number === 9) raw = field.bytes();
    else if (field.number === 10) field.doubles(numbers);
    else if (field.number === 13) external.set(...readEntry(field.bytes(), at));
    else if (field.number === 14) location = field.int();
  });
  const outside = location === 1 || external.size > 0;
  return { name, dims, type, numbers, ...(raw === undefined ? {} : { raw }), ...(outside ? { external } : {}) };
}

/** What `AttributeProto.type` says the value is. */
const attributeKinds: Readonly<Record<number, AttributeValue["kind"]>> = {
  1: "float",
  2: "int",
  3: "string",
  4: "tensor",
  5: "graph",
  6: "floats",
  7: "ints",
  8: "strings",
};

// AttributeProto: 1 name, 2 f, 3 i, 4 s, 5 t, 6 g, 7 floats, 8 ints, 9 strings, 20 type.
function readAttribute(bytes: Uint8Array, at: At): [string, AttributeValue] {
  let [name, type] = ["", 0];
  let [float, int, string] = [0, 0, ""];
  let tensor: StoredTensor | undefined;
  let graph: OnnxGraph | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const seen = new Set<number>();
  forEachField(bytes, "an attribute", at.count, (field) => {
    seen.add(field.number);
    if (field.number === 1) name = field.text();
    else if (field.number === 2) float = field.float();
    else if (field.number === 3) int = field.int();
    else if (field.number === 4) string = field.text();
    else if (field.number === 5) tensor = readTensor(field.bytes(), at);
    else if (field.number === 6) graph = readGraph(field.bytes(), { ...at, depth: at.depth + 1 });
    else if (field.number === 7) field.floats(floats);
    else if (field.number === 8) field.ints(ints);
    else if (field.number === 9) strings.push(field.text());
    else if (field.number === 20) type = field.int();
  });
  // Files older than the type field say it by the field that is filled.
  const kind =
    attributeKinds[type] ?? attributeKinds[[2, 3, 4, 5, 6, 7, 8, 9].findIndex((number) => seen.has(number)) + 1];
  const value: Partial<Record<AttributeValue["kind"], AttributeValue>> = {
    float: { kind: "float", value: float },
    int: { kind: "int", value: int },
    string: { kind: "string", value: string },
    floats: { kind: "floats", value: floats },
    ints: { kind: "ints", value: ints },
    strings: { kind: "strings", value: strings },
    ...(tensor === undefined ? {} : { tensor: { kind: "tensor", value: tensor } }),
    ...(graph === undefined ? {} : { graph: { kind: "graph", value: graph } }),
  };
  return [name, (kind === undefined ? undefined : value[kind]) ?? { kind: "other", value: null }];
}

// NodeProto: 1 input, 2 output, 3 name, 4 op_type, 5 attribute, 7 domain.
function readNode(bytes: Uint8Array, at: At): FileNode {
  let [name, opType, domain] = ["", "", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, AttributeValue>();
  forEachField(bytes, "a node", at.count, (field) => {
    if (field.number === 1) inputs.push(field.text());
    else if (field.number === 2) outputs.push(field.text());
    else if (field.number === 3) name = field.text();
    else if (field.number === 4) opType = field.text();
    else if (field.number === 5) attributes.set(...readAttribute(field.bytes(), at));
    else if (field.number === 7) domain = field.text();
  });
  return { name, opType, domain: domain === "ai.onnx" ? "" : domain, inputs, outputs, attributes };
}

// TensorShapeProto { 1 dim { 1 dim_value, 2 dim_param } }
function readShape(bytes: Uint8Array, { count }: At): (number | string)[] {
  const shape: (number | string)[] = [];
  forEachField(bytes, "a shape", count, (dim) => {
    if (dim.number !== 1) return;
    let extent: number | string = "?";
    forEachField(dim.bytes(), "an extent", count, (field) => {
      if (field.number === 1) extent = field.int();
      else if (field.number === 2) extent = field.text() || "?";
    });
    shape.push(extent);
  });
  return shape;
}

// ValueInfoProto { 1 name, 2 type { 1 tensor { 1 elem_type, 2 shape } } }
function readValue(bytes: Uint8Array, at: At): FileValue {
  let [name, type] = ["", 0];
  let shape: readonly (number | string)[] | undefined;
  forEachField(bytes, "an input or output", at.count, (value) => {
    if (value.number === 1) name = value.text();
    if (value.number !== 2) return;
    forEachField(value.bytes(), "a type", at.count, (kind) => {
      if (kind.number !== 1) return;
      forEachField(kind.bytes(), "a tensor type", at.count, (field) => {
        if (field.number === 1) type = field.int();
        else if (field.number === 2) shape = readShape(field.bytes(), at);
      });
    });
  });
  return { name, type, ...(shape === undefined ? {} : { shape }) };
}

// GraphProto: 1 node, 5 initializer, 11 input, 12 output, 15 sparse_initializer.
function readGraph(bytes: Uint8Array, at: At): OnnxGraph {
  if (at.depth > deepest) {
    throw new EngineError("onnx-too-large", `Graphs are nested more than ${deepest} deep in the ONNX file.`);
  }
  const nodes: FileNode[] = [];
  const initialisers: StoredTensor[] = [];
  const inputs: FileValue[] = [];
  const outputs: FileValue[] = [];
  forEachField(bytes, "a graph", at.count, (field) => {
    if (field.number === 1) nodes.push(readNode(field.bytes(), at));
    else if (field.number === 5) initialisers.push(readTensor(field.bytes(), at));
    else if (field.number === 11) inputs.push(readValue(field.bytes(), at));
    else if (field.number === 12) outputs.push(readValue(field.bytes(), at));
    else if (field.number === 15) {
      throw new EngineError("onnx-dtype", "The ONNX file stores a sparse weight. Export the model with dense weights.");
    }
  });
  return { nodes, initialisers, inputs, outputs };
}

/**
 * Reads an ONNX `ModelProto`, which is hostile until parsed: every length is checked against the bytes that are there, depth and number of
 * fields are bounded, and stored tensors stay views of `bytes`.
 *
 * @throws EngineError `onnx-malformed` or `onnx-too-large`.
 * @see onnx.proto of the ONNX standard (field numbers)
 */
export function parseModel(bytes: Uint8Array): OnnxFile {
  const at: At = { count: { fields: 0 }, depth: 0 };
  // ModelProto: 2 producer_name, 7 graph, 8 opset_import { 1 domain, 2 version }, 25 functions.
  let producer = "";
  let functions = 0;
  let graph: OnnxGraph | undefined;
  const opsets = new Map<string, number>();
  forEachField(bytes, "the model", at.count, (field) => {
    if (field.number === 2) producer = field.text();
    else if (field.number === 7) {
      if (graph !== undefined)
        throw new EngineError("onnx-malformed", "The ONNX file holds two graphs; a model has one.");
      graph = readGraph(field.bytes(), at);
    } else if (field.number === 8) {
      let [domain, version] = ["", 0];
      forEachField(field.bytes(), "an operator set", at.count, (entry) => {
        if (entry.number === 1) domain = entry.text();
        else if (entry.number === 2) version = entry.int();
      });
      opsets.set(domain === "ai.onnx" ? "" : domain, version);
    } else if (field.number === 25) functions++;
  });
  if (graph === undefined) {
    throw new EngineError("onnx-malformed", "The file holds no ONNX graph: it is empty, damaged or not an ONNX file.");
  }
  return { producer, opsets, functions, graph };
}
