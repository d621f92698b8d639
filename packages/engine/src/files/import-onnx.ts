import { EngineError } from "../errors.ts";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { constant, input } from "../ops/leaf.ts";
import type { Arrays, NdArray, Shape, Tensor, Tensors } from "../tensor.ts";
import { readExternal } from "./onnx/external-data.ts";
import { folder } from "./onnx/fold.ts";
import { importGraph } from "./onnx/import-graph.ts";
import { inputNodes } from "./onnx/inputs.ts";
import type { OnnxFile, StoredTensor } from "./onnx/model.ts";
import { opsets } from "./onnx/op-table.ts";
import { parseModel } from "./onnx/parse-model.ts";
import { quote } from "./onnx/quote.ts";
import { type DecodedTensor, decodeTensor, dtypeOf, elements } from "./onnx/tensor-data.ts";

/** How an ONNX file is read. */
export interface ImportOnnxOptions {
  /** Shapes of inputs whose extents the file leaves open, by name. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Folder of the model, from which weights kept in other files may be read; without it they are refused. */
  readonly folder?: string;
  /**
   * Which floating-point initialisers are fixed numbers and not weights. Unless said: single numbers that the exporter named itself, and all
   * of a file that this engine wrote.
   */
  readonly isConstant?: (name: string, shape: Shape) => boolean;
}

/** A model read from an ONNX file. */
export interface ImportedModel {
  /** From the model's inputs and its parameters to its outputs. */
  readonly graph: Graph;
  /** Values of the weights by the names of their input nodes. */
  readonly parameters: Arrays;
  /** The inputs that are data, in the order of the file. */
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  /** Version of the standard operators that the file uses. */
  readonly opset: number;
}

/** Names that exporters make up for numbers that are no parameters. */
const madeUp = /^(onnx::|\/|_?val_\d|\d+$)/;

function constantRule(file: OnnxFile): (name: string, shape: Shape) => boolean {
  return file.producer === "recon" ? () => true : (name, shape) => shape.length === 0 && madeUp.test(name);
}

function checkOpsets(file: OnnxFile): number {
  const version = file.opsets.get("");
  if (file.functions > 0) {
    throw new EngineError(
      "onnx-functions",
      "The ONNX file defines functions of its own, which are not supported. Export it with torch.onnx.export(..., dynamo=False), or inline them first (onnx.inliner).",
    );
  }
  if (version === undefined || version < opsets.oldest || version > opsets.newest) {
    throw new EngineError(
      "onnx-opset",
      `The ONNX file uses operator set ${version ?? "none"}; ${opsets.oldest} to ${opsets.newest} are supported. Export it with opset_version=17.`,
    );
  }
  return version;
}

/** Bytes that a tensor claims, for data in another file. */
function claimedBytes(tensor: StoredTensor, what: string): number {
  dtypeOf(tensor.type, what);
  return tensor.dims.reduce((total, extent) => total * extent, elements[tensor.type]!.bytes);
}

/**
 * Reads an ONNX model as a graph of the engine.
 *
 * Weights become input nodes under their names, with their values in `parameters`; integers and what depends on shapes alone are worked out
 * at import. The bytes are not trusted: whatever is in them, the result is a model or an error. Supported operators: docs/engine-onnx-ops.md.
 *
 * @param bytes the file, opsets 9 to 23.
 * @throws EngineError `onnx-malformed`, `onnx-data`, `onnx-dtype`, `onnx-opset`, `onnx-functions`, `onnx-too-large`, `onnx-external`,
 * `onnx-unsupported-op`, `onnx-unsupported-variant`, `onnx-not-constant`, `onnx-random`, `dynamic-shape`, `shape`, `axis` or `missing-input`.
 * @example
 * const { graph, parameters } = importOnnx(readFileSync("model.onnx"), { shapes: { x: [1, 3, 32, 32] } });
 */
export function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): ImportedModel {
  const file = parseModel(bytes);
  const opset = checkOpsets(file);
  const isConstant = options.isConstant ?? constantRule(file);
  const weights = new Map<Tensor, NdArray>();

  const decode = (tensor: StoredTensor, what: string): DecodedTensor => {
    if (tensor.external === undefined) return decodeTensor(tensor, what);
    return decodeTensor(tensor, what, readExternal(tensor.external, options.folder, what, claimedBytes(tensor, what)));
  };
  const initialiser = (tensor: StoredTensor): Tensor => {
    const { data, dtype, shape } = decode(tensor, `Weight ${quote(tensor.name)} of the ONNX model`);
    if (dtype !== "float" || isConstant(tensor.name, shape)) return constant(data, shape, dtype);
    const node = input(tensor.name, shape);
    weights.set(node, { shape, data });
    return node;
  };
  const stored = (tensor: StoredTensor): Tensor => {
    const { data, dtype, shape } = decode(tensor, `Constant ${quote(tensor.name)} of the ONNX model`);
    return constant(data, shape, dtype);
  };
  const values = (x: Tensor): Float64Array | undefined => {
    if (x.op.name === "constant") return x.attributes.value as Float64Array;
    const weight = weights.get(x);
    return weight === undefined ? undefined : Float64Array.from(weight.data);
  };

  // Files of old versions list the initialisers among the inputs.
  const storedNames = new Set(file.graph.initialisers.map(({ name }) => name));
  const inputs = inputNodes(
    file.graph.inputs.filter(({ name }) => !storedNames.has(name)),
    options.shapes ?? {},
  );
  const names = file.graph.outputs.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new EngineError("onnx-malformed", "The ONNX file has no outputs, or two of one name.");
  }
  const results = importGraph(file.graph, inputs, {
    opsets: file.opsets,
    fold: folder(),
    values,
    stored,
    initialiser,
  });

  const outputs = Object.fromEntries(names.map((name, i) => [name, results[i]!]));
  const used = nodesOf({ inputs: {}, outputs }).filter((node) => weights.has(node));
  const parameterNodes = used.map((node) => [node.attributes.name as string, node] as const);
  const data = Object.fromEntries(inputs);
  return {
    graph: graph({ ...data, ...Object.fromEntries(parameterNodes) }, outputs),
    parameters: Object.fromEntries(parameterNodes.map(([name, node]) => [name, weights.get(node)!])),
    inputs: data,
    outputs,
    opset,
  };
}
