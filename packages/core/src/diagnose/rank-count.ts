/**
 * How many numbers an observation can hold about the data, by counting alone.
 *
 * Let the graph of the observation be y = F(x) and let C be nodes that every path from x to an entry of y passes, entries of y themselves allowed.
 * The tangent of every node behind C is linear in the tangents of C, by the chain rule node by node. So ẏ = A ċ for some matrix A, and
 *
 *     rank ∂F/∂x ≤ Σ_{c ∈ C} entries of c.
 *
 * The least such sum is a minimum vertex cut of the graph, found by a maximum flow. The graph is the real one, with the backward pass, skip
 * connections, pooling and whatever else the model has, so the bound holds for every model, at every batch and every choice of weights. One of the
 * cuts in it is the count for a chain of layers: features h of n entries a sample, and the gradients that are no function of h, B n + Σ entries.
 */
import { input, type Layer, layersOf, sizeOf, type Tensor } from "@recon/engine";
import { parameterInputs, parametersOf } from "../operators/observation-graph.ts";
import type { Model, Problem } from "../problem.ts";
import { type Dependence, dependence, reachable } from "./dependence.ts";
import { minimumVertexCut } from "./minimum-cut.ts";

/** The count at the features that enter one layer. */
export interface LayerCount {
  /** Name of the layer's weight. */
  readonly layer: string;
  /** Entries of the features that enter the layer, of all samples together: B n. */
  readonly features: number;
  /** Gradient tensors that are functions of these features alone, and the most that they can say about them. */
  readonly behind: readonly string[];
  readonly behindRank: number;
  /** Entries of the other gradient tensors. */
  readonly rest: number;
  /** B n + rest. */
  readonly count: number;
}

/** A proven upper bound on the rank of the Jacobian of the observation in the inputs of a batch, targets fixed. */
export interface RankCount {
  readonly batch: number;
  /** Entries of the inputs, B d. */
  readonly unknowns: number;
  /** Entries of the observation that can be seen. */
  readonly entries: number;
  /** The bound: rank ∂F/∂x ≤ bound ≤ min(B d, entries). */
  readonly bound: number;
  /** The tensors that everything passes, whose entries add up to the bound. */
  readonly cut: readonly { readonly what: string; readonly entries: number }[];
  /** The least count at the features of a layer, the inputs themselves left out; absent where there are none that all of the data passes. */
  readonly throughFeatures?: number;
  /** At every layer whose features all of the data passes, from the input to the loss. */
  readonly layers: readonly LayerCount[];
  /** Layers that the data can pass by, as a skip connection does, so that their features count for nothing. */
  readonly bypassed: readonly string[];
  /**
   * The first layer, from the loss towards the input, that loses information: what lies behind the features that enter it can determine fewer numbers
   * than these features have, and than the inputs have. Absent where none does.
   */
  readonly losesAt?: string;
}

export interface RankCountOptions {
  /** Entries of a gradient tensor that can be seen; all of them unless said. */
  readonly visible?: (name: string) => number | undefined;
}

interface Traced {
  readonly input: Tensor;
  /** The model's output, once for each forward pass in the graph. */
  readonly forwards: readonly Tensor[];
  readonly outputs: ReadonlyMap<Tensor, string>;
  readonly layers: readonly Layer[];
}

/** The proven bound for a batch of `batch` samples, the tensors that attain it, and the count at every layer. */
export function rankCount(
  problem: Pick<Problem, "model" | "operator">,
  batch: number,
  { visible = () => undefined }: RankCountOptions = {},
): RankCount {
  const traced = trace(problem, batch);
  const entriesOf = (node: Tensor): number => {
    const name = traced.outputs.get(node);
    return (name === undefined ? undefined : visible(name)) ?? sizeOf(node.shape);
  };
  const outputs = [...traced.outputs.keys()];
  const graph = dependence(outputs, traced.input, entriesOf);
  const total = cutBetween(graph, traced.input, outputs);
  const counted = traced.layers.map((layer) => layerCount(layer, traced, graph, entriesOf));
  const layers = counted.filter((entry) => entry !== undefined);
  const unknowns = sizeOf(traced.input.shape);
  const inner = layers.filter(({ first }) => !first).map(({ count }) => count);
  const lossy = [...layers].reverse().find(({ features, behindRank }) => behindRank < Math.min(features, unknowns));
  return {
    batch,
    unknowns,
    entries: outputs.reduce((sum, node) => sum + entriesOf(node), 0),
    bound: total.capacity,
    cut: total.nodes.map((node) => ({ what: describe(node, traced, graph), entries: entriesOf(node) })),
    ...(inner.length > 0 && { throughFeatures: Math.min(...inner) }),
    layers: layers.map(({ first: _, ...entry }) => entry),
    bypassed: traced.layers.flatMap(({ weight }, i) => (counted[i] === undefined ? [parameterName(weight)] : [])),
    ...(lossy && { losesAt: lossy.layer }),
  };
}

/** The observation's graph, with the layers of the very forward pass that it contains. */
function trace({ model, operator }: Pick<Problem, "model" | "operator">, batch: number): Traced {
  const outputs: Tensor[] = [];
  const watched: Model = {
    ...model,
    forward: (parameters, data, mode) => {
      const output = model.forward(parameters, data, mode);
      outputs.push(output);
      return output;
    },
  };
  const parameters = parametersOf(model, parameterInputs(model));
  const data = {
    input: input("input", [batch, ...model.input.shape]),
    target: input("target", [batch, ...model.target.shape]),
  };
  const observed = operator.observe(watched, parameters, data);
  const names = new Map(Object.entries(observed).map(([name, node]) => [node, name]));
  const layers = outputs.length === 1 ? layersOf(outputs[0]!) : [];
  return { input: data.input, forwards: outputs, outputs: names, layers };
}

function cutBetween(
  graph: Dependence,
  from: Tensor,
  to: readonly Tensor[],
): { readonly capacity: number; readonly nodes: readonly Tensor[] } {
  const source = graph.indexOf.get(from);
  const sinks = to.flatMap((node) => graph.indexOf.get(node) ?? []);
  if (source === undefined || sinks.length === 0) return { capacity: 0, nodes: [] };
  const { capacity, nodes } = minimumVertexCut(graph.network, [source], sinks);
  return { capacity, nodes: nodes.map((index) => graph.nodes[index]!) };
}

/**
 * The best count among the nodes that hold the features entering a layer: before and behind elementwise functions. Undefined where the data can reach the
 * model's output without passing them.
 */
function layerCount(
  layer: Layer,
  traced: Traced,
  graph: Dependence,
  entriesOf: (node: Tensor) => number,
): (LayerCount & { readonly first: boolean }) | undefined {
  const { input: data, outputs, forwards } = traced;
  const candidates = [...featureNodes(layer, traced, graph)].flatMap((node) => {
    const passing = reachable(graph, data, node);
    if (forwards.some((output) => passing.has(output))) return [];
    const behind = [...outputs].filter(([output]) => graph.indexOf.has(output) && !passing.has(output));
    const rest = [...outputs.keys()].reduce((sum, output) => sum + (passing.has(output) ? entriesOf(output) : 0), 0);
    return [{ node, behind, rest }];
  });
  const [first, ...others] = candidates;
  if (first === undefined) return undefined;
  const best = others.reduce((a, b) => (b.rest < a.rest ? b : a), first);
  const features = sizeOf(best.node.shape);
  const behind = best.behind.map(([output]) => output);
  return {
    layer: parameterName(layer.weight),
    features,
    behind: best.behind.map(([, name]) => name),
    behindRank: cutBetween(graph, best.node, behind).capacity,
    rest: best.rest,
    count: features + best.rest,
    first: candidates.some(({ node }) => node === data),
  };
}

/** What enters a layer and, as far as it is made of one moving operand of its own size, what it is made of; not beyond another layer. */
function* featureNodes(layer: Layer, { layers }: Traced, graph: Dependence): Generator<Tensor> {
  const products = new Set(layers.map(({ preActivation }) => preActivation));
  let node = layer.input;
  for (;;) {
    yield node;
    if (products.has(node)) return;
    const moving = [...new Set(node.inputs)].filter((operand) => graph.indexOf.has(operand));
    const [only] = moving;
    if (only === undefined || moving.length > 1 || sizeOf(only.shape) !== sizeOf(node.shape)) return;
    node = only;
  }
}

/** Inputs of graphs that core builds carry the prefix of `parameterInputs`. */
function parameterName(name: string): string {
  return name.replace(/^parameter /, "");
}

/** What a node holds, in words of the model. */
function describe(node: Tensor, { input: data, outputs, layers }: Traced, graph: Dependence): string {
  if (node === data) return "the inputs";
  const behind = [...sameSizeBehind(node, graph)];
  const output = behind.map((candidate) => outputs.get(candidate)).find((name) => name !== undefined);
  if (output !== undefined) return `gradient of ${output}`;
  for (const layer of layers) {
    const name = parameterName(layer.weight);
    if (node === layer.output) return `output of layer ${name}`;
    if (behind.includes(layer.preActivation)) return `pre-activation of layer ${name}`;
    if (behind.includes(layer.input)) return `input of layer ${name}`;
  }
  return `${node.op.name} [${node.shape.join(", ")}]`;
}

/** A node and what is made of it alone, as long as the size stays. */
function* sameSizeBehind(start: Tensor, { nodes, indexOf, network }: Dependence): Generator<Tensor> {
  const size = sizeOf(start.shape);
  const seen = new Set<Tensor>([start]);
  for (const node of seen) {
    yield node;
    for (const next of network.successors[indexOf.get(node)!] ?? []) {
      const candidate = nodes[next]!;
      if (sizeOf(candidate.shape) === size && seen.size < 16) seen.add(candidate);
    }
  }
}
