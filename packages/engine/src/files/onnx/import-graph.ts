import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { callOf, checkSize, placeOf } from "./call.ts";
import type { FileNode, OnnxGraph, StoredTensor } from "./model.ts";
import { opTable } from "./op-table.ts";
import { quote } from "./quote.ts";

/** What translating needs from the import it is part of. */
export interface Workshop {
  /** Operator-set versions by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Replaces what depends on constants alone by its value. */
  fold(x: Tensor): Tensor;
  values(x: Tensor): Float64Array | undefined;
  /** A tensor stored in an attribute. */
  stored(tensor: StoredTensor): Tensor;
  /** A weight or constant of a graph. */
  initialiser(tensor: StoredTensor): Tensor;
}

/** Who makes a value: a node, and which of its outputs it is. */
type Producers = ReadonlyMap<string, FileNode>;

const malformed = (reason: string): EngineError =>
  new EngineError("onnx-malformed", `The ONNX file is not a valid model: ${reason}`);

/** Registers every name that a graph defines once. @throws EngineError `onnx-malformed` on a second definition. */
function producersOf(graph: OnnxGraph, defined: ReadonlySet<string>): Producers {
  const producers = new Map<string, FileNode>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === "") continue;
      if (producers.has(name) || defined.has(name)) throw malformed(`the value ${quote(name)} is defined twice.`);
      producers.set(name, node);
    }
  }
  return producers;
}

/** Names that a node needs: its inputs, and what graphs inside it take from around them. */
function needsOf(node: FileNode): string[] {
  const needs = node.inputs.filter((name) => name !== "");
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === "graph") needs.push(...freeNames(attribute.value));
  }
  return needs;
}

/** Names that a nested graph uses but does not define. */
function freeNames(graph: OnnxGraph): string[] {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initialisers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const used = [...graph.nodes.flatMap(needsOf), ...graph.outputs.map(({ name }) => name)];
  return used.filter((name) => !own.has(name));
}

/**
 * Translates what the outputs of a graph depend on, and returns them in order.
 *
 * @param given the values that are there from the start: inputs, and for a nested graph all that is around it.
 * @throws EngineError for everything the file gets wrong and every operator that is not supported.
 */
export function importGraph(graph: OnnxGraph, given: ReadonlyMap<string, Tensor>, workshop: Workshop): Tensor[] {
  const values = new Map(given);
  const stored = new Map<string, StoredTensor>();
  for (const tensor of graph.initialisers) {
    if (stored.has(tensor.name)) throw malformed(`the weight ${quote(tensor.name)} is stored twice.`);
    stored.set(tensor.name, tensor);
  }
  const producers = producersOf(graph, new Set([...given.keys(), ...stored.keys()]));

  const find = (name: string): Tensor | undefined => {
    const tensor = values.has(name) ? undefined : stored.get(name);
    if (tensor !== undefined) values.set(name, workshop.initialiser(tensor));
    return values.get(name);
  };

  for (const { name } of graph.outputs) {
    for (const node of inOrder(name, producers, (known) => find(known) !== undefined)) {
      const results = translated(node, find, values, workshop);
      node.outputs.forEach((output, i) => {
        const result = results[i];
        if (output !== "" && result !== undefined) values.set(output, result);
      });
    }
  }
  return graph.outputs.map(({ name }) => {
    const value = find(name);
    if (value === undefined) throw unsupportedOutput(name, producers);
    return value;
  });
}

const unsupportedOutput = (name: string, producers: Producers): EngineError => {
  const node = producers.get(name)!;
  return new EngineError(
    "onnx-unsupported-variant",
    `ONNX operator ${placeOf(node)}: its output ${quote(name)} is not supported; only the first ones are.`,
  );
};

/** The nodes that a value depends on and that are not translated yet, each after what it needs; no recursion, so depth is no matter. */
function inOrder(target: string, producers: Producers, known: (name: string) => boolean): FileNode[] {
  const order: FileNode[] = [];
  const state = new Map<FileNode, "open" | "done">();
  const stack: { node: FileNode; needs: string[]; next: number }[] = [];
  const enter = (name: string, user: string): void => {
    if (known(name)) return;
    const node = producers.get(name);
    if (node === undefined) {
      throw malformed(`${user} needs ${quote(name)}, which is no input, no stored weight and no output of a node.`);
    }
    if (state.get(node) === "open") throw malformed(`${placeOf(node)} depends on itself: the graph has a cycle.`);
    if (state.has(node)) return;
    state.set(node, "open");
    stack.push({ node, needs: needsOf(node), next: 0 });
  };
  enter(target, "an output of the model");
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const need = top.needs[top.next++];
    if (need !== undefined) enter(need, placeOf(top.node));
    else {
      stack.pop();
      state.set(top.node, "done");
      order.push(top.node);
    }
  }
  return order;
}

function translated(
  node: FileNode,
  find: (name: string) => Tensor | undefined,
  values: ReadonlyMap<string, Tensor>,
  workshop: Workshop,
): readonly Tensor[] {
  const key = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  const opset = workshop.opsets.get(node.domain);
  const entry = opTable.get(key);
  if (entry === undefined) {
    throw new EngineError(
      "onnx-unsupported-op",
      `ONNX operator ${placeOf(node)} is not supported. docs/engine-onnx-ops.md lists what is; to have it added, open an issue with the label "op-request" that names the operator${opset === undefined ? "" : ` and operator set ${opset}`}.`,
    );
  }
  if (opset === undefined) throw malformed(`${placeOf(node)} belongs to no operator set that the file imports.`);
  const operands = node.inputs.map((name) => {
    if (name === "") return undefined;
    const value = find(name);
    if (value === undefined) {
      throw new EngineError(
        "onnx-unsupported-variant",
        `ONNX operator ${placeOf(node)} needs ${quote(name)}, an output of its operator that is not supported.`,
      );
    }
    return value;
  });
  const call = callOf(node, {
    opset,
    operands,
    values: workshop.values,
    stored: workshop.stored,
    branch: (graph) => importGraph(graph, values, workshop),
  });
  if (opset < entry.since)
    throw call.error("onnx-opset", `operator set ${opset} has no such operator; it came with ${entry.since}.`);
  try {
    const result = entry.translate(call);
    const results: readonly Tensor[] = "op" in result ? [result] : result;
    return results.map((tensor) => workshop.fold(checkSize(call, tensor)));
  } catch (error) {
    // Errors of the engine's own ops do not know where in the model they happened.
    if (!(error instanceof EngineError) || error.message.startsWith("ONNX operator")) throw error;
    throw call.error(error.code, error.message);
  }
}
