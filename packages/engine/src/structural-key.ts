import { createHash } from "node:crypto";
import { type Graph, nodesOf } from "./graph.ts";
import type { Arrays, Attribute, Attributes, Shape, Tensor } from "./tensor.ts";

const digest = (array: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}): string =>
  createHash("sha256")
    .update(new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength))
    .digest("base64");

function attributeKey(value: Attribute): string {
  if (value instanceof Float64Array) return value.length > 8 ? digest(value) : `<${Array.from(value, numberKey)}>`;
  return typeof value === "number" ? numberKey(value) : JSON.stringify(value);
}

/** Text of a number that, unlike JSON, tells −0 from 0 and keeps infinities and NaN. */
const numberKey = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** What was written for attributes before: passes hand them on from node to node, and ask for their text in every sweep. */
const written = new WeakMap<Attributes, string>();

function attributesKey(attributes: Attributes): string {
  const known = written.get(attributes);
  if (known !== undefined) return known;
  const names = Object.keys(attributes).sort();
  const text = names.map((name) => `${name}=${attributeKey(attributes[name]!)}`).join(";");
  written.set(attributes, text);
  return text;
}

/** Text of shapes that was written before: a shape stays the same object from node to node as well. */
const shapes = new WeakMap<Shape, string>();

function shapeKey(shape: Shape): string {
  const known = shapes.get(shape);
  if (known !== undefined) return known;
  const text = shape.join();
  shapes.set(shape, text);
  return text;
}

const commutative = new Set(["add", "mul", "equal"]);

/**
 * Text that two nodes share exactly when they compute the same value: op, operands, attributes, shape and type. The order of the operands
 * counts only where the op's meaning depends on it.
 *
 * @param idOf names the operands; equal operands must have equal names.
 */
export function structuralKey(node: Tensor, idOf: (input: Tensor) => number): string {
  const { op, inputs, attributes, dtype, shape } = node;
  let operands = "";
  if (inputs.length === 2) {
    const [a, b] = [idOf(inputs[0]!), idOf(inputs[1]!)];
    operands = a > b && commutative.has(op.name) ? `${b},${a}` : `${a},${b}`;
  } else for (const input of inputs) operands += `${idOf(input)},`;
  return `${op.name}(${operands})${attributesKey(attributes)}:${dtype}[${shapeKey(shape)}]`;
}

/**
 * A fingerprint of a graph and what it is compiled with: equal for graphs that differ only in the order in which their nodes were made.
 *
 * @returns 64 hexadecimal digits of SHA-256.
 */
export function structuralHash(graph: Graph, constants: Arrays = {}, options = ""): string {
  const ids = new Map<Tensor, number>();
  const classes = new Map<string, number>();
  const names = new Map(Object.entries(graph.inputs).map(([name, node]) => [node, name]));
  for (const node of nodesOf(graph)) {
    const name = names.get(node);
    const key =
      name === undefined
        ? structuralKey(node, (input) => ids.get(input)!)
        : `input ${JSON.stringify(name)}:${node.dtype}[${node.shape}]`;
    if (!classes.has(key)) classes.set(key, classes.size);
    ids.set(node, classes.get(key)!);
  }
  const hash = createHash("sha256").update(options);
  for (const key of classes.keys()) hash.update(key).update("\n");
  for (const [name, node] of Object.entries(graph.inputs)) {
    hash.update(`input ${JSON.stringify(name)}:${node.dtype}[${node.shape}]\n`);
  }
  for (const [name, node] of Object.entries(graph.outputs))
    hash.update(`output ${JSON.stringify(name)} ${ids.get(node)}\n`);
  for (const name of Object.keys(constants).sort()) {
    const { shape, data } = constants[name]!;
    hash.update(`constant ${JSON.stringify(name)} ${data.constructor.name}[${shape}] ${digest(data)}\n`);
  }
  return hash.digest("hex");
}
