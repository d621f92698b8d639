import { EngineError } from "../errors.ts";
import { type Graph, nodesOf, usesOf } from "../graph.ts";
import { lowerToGemm, multipliesTurned } from "../ops/matmul.ts";
import { lowerToMean } from "../ops/shape.ts";
import type { Arrays, DType, NdArray, Precision, Tensor } from "../tensor.ts";
import { collector } from "./collector.ts";
import { cutsOf } from "./cuts.ts";
import { meansOf } from "./means.ts";
import { type ElementType, type OnnxNode, type OnnxValue, writeModel } from "./model-writer.ts";
import { type ProductSum, productSumsOf } from "./product-sums.ts";

/** How a graph is lowered. */
export interface LowerOptions {
  /** Width of the floating-point numbers; float32 unless said. */
  readonly precision?: Precision;
  /** Values of inputs that become initialisers of the model; the rest are its inputs. */
  readonly constants?: Arrays;
  /** Constants of this many bytes or more stay out of the file and are returned beside it; all are in the file unless said. */
  readonly externalFrom?: number;
}

/** An ONNX model and how the graph's names map to the model's. */
export interface LoweredGraph {
  /** The file. */
  readonly bytes: Uint8Array;
  /** The constants that are not in the file, by the name under which it refers to them: views of the arrays that were given, where they have the type already. */
  readonly external: Readonly<Record<string, Uint8Array>>;
  /** Graph input → model input, for those inputs that outputs depend on and that are not constants. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Graph output → model output. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Number of ONNX nodes. */
  readonly nodes: number;
}

/** The ONNX element type of a tensor of the engine. */
export function elementTypeOf(dtype: DType, precision: Precision): ElementType {
  return dtype === "float" ? precision : dtype === "int" ? "int64" : "bool";
}

/** The little-endian bytes of an array as `type`; a view of the array itself where it has that type already. */
function bytesAs(array: NdArray, type: ElementType): Uint8Array {
  const { data } = array;
  const view = (typed: Float32Array | Float64Array | BigInt64Array | Uint8Array): Uint8Array =>
    new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
  if (type === "float32") return view(data instanceof Float32Array ? data : Float32Array.from(data));
  if (type === "float64") return view(data instanceof Float64Array ? data : Float64Array.from(data));
  if (type === "int64") return view(BigInt64Array.from(data, (value) => BigInt(value)));
  return Uint8Array.from(data, (value) => (value === 0 ? 0 : 1));
}

/**
 * Writes a graph as an ONNX model.
 *
 * Names in the model are the engine's own (`i0`, `v7`, `o0`), so that any string may name an input or an output of the graph.
 *
 * @throws EngineError `model-too-large` when the constants exceed the 2 GiB that the file format allows.
 */
export function lower(graph: Graph, options: LowerOptions = {}): LoweredGraph {
  const precision = options.precision ?? "float32";
  const { constants = {}, externalFrom = Number.POSITIVE_INFINITY } = options;
  const emit = collector(precision);
  const names = new Map<Tensor, string>();
  const inputNames: Record<string, string> = {};
  const inputs: OnnxValue[] = [];
  const named = new Map(Object.entries(graph.inputs).map(([name, node]) => [node, name]));

  const bind = (node: Tensor): string => {
    const name = named.get(node)!;
    const type = elementTypeOf(node.dtype, precision);
    const value = constants[name];
    if (value !== undefined) {
      const bytes = bytesAs(value, type);
      return emit.store(type, node.shape, bytes);
    }
    const own = `i${inputs.length}`;
    inputs.push({ name: own, type, shape: node.shape });
    inputNames[name] = own;
    return own;
  };

  const nodes = nodesOf(graph);
  const cuts = cutsOf(nodes);
  const uses = usesOf(graph);
  const sums = productSumsOf(nodes, uses);
  const means = meansOf(nodes, uses);
  // Nodes that their only reader computes with itself.
  const within = new Set([...[...sums.values()].map(({ product }) => product), ...means.values()]);
  const lowerSum = ({ product, other }: ProductSum): string => {
    const [a, b] = product.inputs.map((input) => names.get(input)!) as [string, string];
    const c = names.get(other)!;
    return multipliesTurned(product, b, emit)
      ? emit.node("Add", [product.op.lower(product, [a, b], emit), c])
      : lowerToGemm(product, [a, b, c], emit);
  };
  for (const node of nodes) {
    if (names.has(node) || within.has(node)) continue;
    const [sum, mean] = [sums.get(node), means.get(node)];
    if (sum !== undefined || mean !== undefined) {
      names.set(node, sum === undefined ? lowerToMean(mean!, names.get(mean!.inputs[0]!)!, emit) : lowerSum(sum));
      continue;
    }
    const operands = node.inputs.map((input) => names.get(input)!);
    const cut = cuts.get(node);
    if (cut !== undefined) {
      const pieces = emit.split(operands[0]!, cut.axis, cut.extents);
      for (const [slice, k] of cut.pieces) names.set(slice, pieces[k]!);
    } else names.set(node, node.op.name === "input" ? bind(node) : node.op.lower(node, operands, emit));
  }
  // Every output is a copy under a name of its own: two outputs may be the same node, and an output may be an input.
  const outputNames: Record<string, string> = {};
  const outputs: OnnxValue[] = [];
  const copies = Object.entries(graph.outputs).map(([name, node], i) => {
    const own = `o${i}`;
    outputNames[name] = own;
    outputs.push({ name: own, type: elementTypeOf(node.dtype, precision), shape: node.shape });
    return { opType: "Identity", inputs: [names.get(node)!], outputs: [own], attributes: {} };
  });
  const live = reaching(emit.nodes, copies);
  const kept = emit.nodes.filter((node) => node.outputs.some((output) => live.has(output)));
  const initialisers = emit.initialisers
    .filter((initialiser) => live.has(initialiser.name))
    .map((initialiser) =>
      initialiser.bytes.byteLength >= externalFrom ? { ...initialiser, external: true } : initialiser,
    );
  const external = Object.fromEntries(
    initialisers.filter((initialiser) => "external" in initialiser).map(({ name, bytes }) => [name, bytes]),
  );
  const stored = initialisers.reduce((total, { name, bytes }) => total + (name in external ? 0 : bytes.byteLength), 0);
  if (stored > 2 ** 31 - 2 ** 20) {
    throw new EngineError(
      "model-too-large",
      `The constants of the program take ${Math.round(stored / 2 ** 20)} MiB; an ONNX file holds 2 GiB. Pass the largest as inputs of run instead.`,
    );
  }
  const bytes = writeModel({ nodes: [...kept, ...copies], initialisers, inputs, outputs });
  return { bytes, external, inputs: inputNames, outputs: outputNames, nodes: kept.length };
}

/** Names of the values that the outputs depend on; lowerings may have replaced what they built at first. */
function reaching(nodes: readonly OnnxNode[], outputs: readonly OnnxNode[]): Set<string> {
  const live = new Set(outputs.flatMap((node) => node.inputs));
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (node.outputs.some((output) => live.has(output))) for (const input of node.inputs) live.add(input);
  }
  return live;
}
