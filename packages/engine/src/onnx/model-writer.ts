import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Shape } from "../tensor.ts";
import type { OnnxAttribute } from "./emitter.ts";

/** ONNX's numbers for element types (`TensorProto.DataType`). */
export const elementType = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;

/** Name of an ONNX element type that the engine uses. */
export type ElementType = keyof typeof elementType;

/** One node, which has at least one output. An operator outside the standard is written `domain::Name`. */
export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  /** Also those that nobody reads have names: some operators require them. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A named tensor stored in the model; `bytes` are its little-endian elements in row-major order. */
export interface OnnxInitialiser {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
  /** The file only says that the data are elsewhere, under the tensor's name. */
  readonly external?: boolean;
}

/** A named input or output of the model. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** What a model file holds. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxInitialiser[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Version of the standard operators that the engine writes, and the file version that goes with it. */
const operatorSet = 21;
const fileVersion = 10;

const customDomain = "com.microsoft";

// AttributeProto: 1 name, 2 f, 3 i, 4 s, 8 ints, 20 type (1 float, 2 int, 3 string, 7 ints).
function writeAttribute(w: BinaryWriter, name: string, value: OnnxAttribute): void {
  w.tag(5, WireType.LengthDelimited).fork();
  w.tag(1, WireType.LengthDelimited).string(name);
  if ("int" in value) w.tag(3, WireType.Varint).int64(value.int).tag(20, WireType.Varint).int32(2);
  else if ("float" in value) w.tag(2, WireType.Bit32).float(value.float).tag(20, WireType.Varint).int32(1);
  else if ("string" in value) w.tag(4, WireType.LengthDelimited).string(value.string).tag(20, WireType.Varint).int32(3);
  else {
    w.tag(8, WireType.LengthDelimited).fork();
    for (const item of value.ints) w.int64(item);
    w.join().tag(20, WireType.Varint).int32(7);
  }
  w.join();
}

// NodeProto: 1 input, 2 output, 3 name, 4 op_type, 5 attribute, 7 domain.
function writeNode(w: BinaryWriter, node: OnnxNode): void {
  const [name, domain] = node.opType.split("::").reverse() as [string, string?];
  w.tag(1, WireType.LengthDelimited).fork();
  for (const input of node.inputs) w.tag(1, WireType.LengthDelimited).string(input);
  for (const output of node.outputs) w.tag(2, WireType.LengthDelimited).string(output);
  w.tag(3, WireType.LengthDelimited).string(node.outputs[0]!);
  w.tag(4, WireType.LengthDelimited).string(name);
  for (const [key, value] of Object.entries(node.attributes)) writeAttribute(w, key, value);
  if (domain !== undefined) w.tag(7, WireType.LengthDelimited).string(domain);
  w.join();
}

// ValueInfoProto { 1 name, 2 type { 1 tensor { 1 elem_type, 2 shape { 1 dim { 1 dim_value } } } } }
function writeValue(w: BinaryWriter, field: number, value: OnnxValue): void {
  w.tag(field, WireType.LengthDelimited).fork();
  w.tag(1, WireType.LengthDelimited).string(value.name);
  w.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
  w.tag(1, WireType.Varint).int32(elementType[value.type]);
  w.tag(2, WireType.LengthDelimited).fork();
  for (const extent of value.shape) {
    w.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(extent).join();
  }
  w.join().join().join().join();
}

/** Everything of a TensorProto but its data: 1 dims, 2 data_type, 8 name. */
function tensorHead(initialiser: OnnxInitialiser): BinaryWriter {
  const w = new BinaryWriter();
  w.tag(1, WireType.LengthDelimited).fork();
  for (const extent of initialiser.shape) w.int64(extent);
  w.join();
  w.tag(2, WireType.Varint).int32(elementType[initialiser.type]);
  return w.tag(8, WireType.LengthDelimited).string(initialiser.name);
}

/** The parts of a TensorProto whose data, 9 raw_data, are in the file. */
function storedTensor(initialiser: OnnxInitialiser): Uint8Array[] {
  const head = tensorHead(initialiser).tag(9, WireType.LengthDelimited).uint32(initialiser.bytes.byteLength).finish();
  return [head, initialiser.bytes];
}

/** A TensorProto whose data are elsewhere, under its own name: 13 external_data { 1 key, 2 value }, 14 data_location (1 external). */
function externalTensor(initialiser: OnnxInitialiser): Uint8Array[] {
  const w = tensorHead(initialiser);
  for (const [key, value] of Object.entries({
    location: initialiser.name,
    length: `${initialiser.bytes.byteLength}`,
  })) {
    w.tag(13, WireType.LengthDelimited).fork();
    w.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join();
  }
  return [w.tag(14, WireType.Varint).int32(1).finish()];
}

/**
 * The bytes of an ONNX `ModelProto`.
 *
 * Initialisers are copied once, straight into the result, so a model takes no more than its own size while it is written.
 *
 * @see onnx.proto of the ONNX standard (field numbers)
 */
export function writeModel(model: OnnxModel): Uint8Array {
  // GraphProto: 1 node, 2 name, 5 initializer, 11 input, 12 output.
  const body = new BinaryWriter();
  for (const node of model.nodes) writeNode(body, node);
  body.tag(2, WireType.LengthDelimited).string("program");
  for (const value of model.inputs) writeValue(body, 11, value);
  for (const value of model.outputs) writeValue(body, 12, value);
  const chunks: Uint8Array[] = [body.finish()];
  for (const initialiser of model.initialisers) {
    const tensor = initialiser.external === true ? externalTensor(initialiser) : storedTensor(initialiser);
    const length = tensor.reduce((total, part) => total + part.byteLength, 0);
    chunks.push(new BinaryWriter().tag(5, WireType.LengthDelimited).uint32(length).finish(), ...tensor);
  }
  let graphLength = 0;
  for (const chunk of chunks) graphLength += chunk.byteLength;

  // ModelProto: 1 ir_version, 2 producer_name, 7 graph, 8 opset_import { 1 domain, 2 version }.
  const head = new BinaryWriter();
  head.tag(1, WireType.Varint).int64(fileVersion);
  head.tag(2, WireType.LengthDelimited).string("recon");
  for (const [domain, version] of [
    ["", operatorSet],
    [customDomain, 1],
  ] as const) {
    head.tag(8, WireType.LengthDelimited).fork();
    head.tag(1, WireType.LengthDelimited).string(domain).tag(2, WireType.Varint).int64(version).join();
  }
  head.tag(7, WireType.LengthDelimited).uint32(graphLength);
  const start = head.finish();

  const bytes = new Uint8Array(start.byteLength + graphLength);
  bytes.set(start);
  let position = start.byteLength;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.byteLength;
  }
  return bytes;
}
