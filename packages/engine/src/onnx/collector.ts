import { createHash } from "node:crypto";
import { type Precision, type Shape, sizeOf } from "../tensor.ts";
import type { Emitter, OnnxAttribute, OutputChoice } from "./emitter.ts";
import type { ElementType, OnnxInitialiser, OnnxNode } from "./model-writer.ts";

/** An emitter that keeps what it is given, and what it kept so far. */
export interface Collector extends Emitter {
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxInitialiser[];
  /** Stores a tensor without looking for an equal one: for large arrays such as weights, which are referenced and not copied. */
  store(type: ElementType, shape: Shape, bytes: Uint8Array): string;
  /** Cuts a value along an axis into pieces of the given extents, by one node. */
  split(x: string, axis: number, extents: readonly number[]): readonly string[];
}

const bytesOf = (array: Float32Array | Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const fingerprint = (bytes: Uint8Array): string =>
  bytes.byteLength > 64 ? createHash("sha256").update(bytes).digest("base64") : Buffer.from(bytes).toString("base64");

/**
 * Makes an emitter. Equal nodes and equal constants are kept once: every ONNX node that the engine emits is pure, so two with the same
 * operands and attributes have the same value, and lowerings may build helpers (a transpose, a padded operand) without asking who else did. A reshape of a reshape is one reshape.
 */
export function collector(precision: Precision): Collector {
  const nodes: OnnxNode[] = [];
  const initialisers: OnnxInitialiser[] = [];
  const known = new Map<string, string>();
  const constant = new Set<string>();
  const stored = new Map<string, OnnxInitialiser>();
  const reshapedFrom = new Map<string, string>();

  const store = (type: ElementType, shape: Shape, bytes: Uint8Array): string => {
    const name = `c${initialisers.length}`;
    const kept = { name, type, shape, bytes };
    initialisers.push(kept);
    stored.set(name, kept);
    constant.add(name);
    return name;
  };
  const initialiser = (type: ElementType, shape: Shape, bytes: Uint8Array): string => {
    const key = `${type}[${shape}]${fingerprint(bytes)}`;
    const name = known.get(key) ?? store(type, shape, bytes);
    known.set(key, name);
    return name;
  };
  const node = (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    wanted?: OutputChoice,
  ): string => {
    const source = opType === "Reshape" ? reshapedFrom.get(inputs[0]!) : undefined;
    if (source !== undefined) return node(opType, [source, ...inputs.slice(1)], attributes);
    const key = `${opType}(${inputs})${JSON.stringify(attributes)}${wanted === undefined ? "" : `[${wanted.index}]`}`;
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    const output = `v${nodes.length}`;
    const outputs = Array.from({ length: wanted?.of ?? 1 }, (_, k) =>
      k === (wanted?.index ?? 0) ? output : `${output}_${k}`,
    );
    nodes.push({ opType, inputs, outputs, attributes });
    if (inputs.every((input) => constant.has(input))) constant.add(output);
    if (opType === "Reshape") reshapedFrom.set(output, inputs[0]!);
    known.set(key, output);
    return output;
  };

  const split = (x: string, axis: number, extents: readonly number[]): readonly string[] => {
    const outputs = extents.map((_, k) => `v${nodes.length}_${k}`);
    nodes.push({ opType: "Split", inputs: [x, ints(extents)], outputs, attributes: { axis: { int: axis } } });
    if (constant.has(x)) for (const output of outputs) constant.add(output);
    return outputs;
  };
  const ints = (values: readonly number[], shape: Shape = [values.length]): string => {
    if (values.length !== sizeOf(shape))
      throw new RangeError(`${values.length} integers do not fill [${shape.join(", ")}]`);
    return initialiser("int64", shape, bytesOf(BigInt64Array.from(values, (value) => BigInt(value))));
  };

  return {
    precision,
    nodes,
    initialisers,
    node,
    isConstant: (name) => constant.has(name),
    rearranged: (name, how, shape, make) => {
      const found = stored.get(name);
      if (found?.type !== "float32") return undefined;
      const key = `${how} ${name}`;
      const { buffer, byteOffset, byteLength } = found.bytes;
      const made =
        known.get(key) ?? store("float32", shape, bytesOf(make(new Float32Array(buffer, byteOffset, byteLength / 4))));
      known.set(key, made);
      return made;
    },
    store,
    float: (values, shape) =>
      initialiser(
        precision,
        shape,
        bytesOf(precision === "float32" ? Float32Array.from(values) : Float64Array.from(values)),
      ),
    ints,
    split,
    cast: (input, to) => {
      const type = to === "float" ? (precision === "float32" ? 1 : 11) : to === "int" ? 7 : 9;
      return node("Cast", [input], { to: { int: type } });
    },
  };
}
