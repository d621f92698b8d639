import { type Flag, modelState, type Problem } from "@recon/core";
import {
  type Arrays,
  concat,
  constant,
  type Executor,
  type Graph,
  graph,
  layersOf,
  type NdArray,
  type Program,
  reshape,
  softmax,
  input as symbol,
  type Tensor,
} from "@recon/engine";
import { isGraphDomain } from "../../domain.ts";

/** Nodes of one graph of which all but the edges is told. */
export interface ClassifiedNodes {
  readonly size: number;
  /** [1, n, D]. */
  readonly features: NdArray;
}

/** Knowledge that attacks on the edges rest on. */
export const nodeNeeds: readonly Flag[] = ["architecture", "weights", "nodeFeatures"];

/** What is told of the nodes; or why their edges cannot be attacked, a clause. */
export function classifiedNodes({ model, domain, knowledge }: Problem): ClassifiedNodes | { readonly reason: string } {
  if (!isGraphDomain(domain)) return { reason: `the data is of the domain ${domain.name} and not graphs` };
  if (model.target.shape.length !== 2) {
    return { reason: `${model.name} has one class for the graph, and the attack needs one for every node` };
  }
  const features = knowledge.nodeFeatures;
  if (typeof features !== "object" || features === null || !("shape" in features)) {
    return { reason: "it needs to be told nodeFeatures" };
  }
  const [batch, size] = (features as NdArray).shape as [number, number];
  if (batch !== 1) return { reason: `it attacks one graph, and the batch holds ${batch}` };
  return { size, features: features as NdArray };
}

/** The victim's model as a function of the edges. */
export interface ModelOfEdges {
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** [1, n, C]. */
  readonly logits: Tensor;
  readonly posteriors: Tensor;
  /** What the last layer reads, [1, n, H]. */
  readonly embeddings: Tensor;
}

/** Writes the model down for these nodes and an adjacency [n, n]. */
export function modelOfEdges({ model }: Problem, { size, features }: ClassifiedNodes, adjacency: Tensor): ModelOfEdges {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, symbol(name, shape)]),
  );
  const whole = concat([constant(features.data, features.shape), reshape(adjacency, [1, size, size])], 2);
  const logits = model.forward(parameters, { input: whole }, "eval");
  const last = layersOf(logits).at(-1)!.input;
  return {
    parameters,
    logits,
    posteriors: softmax(logits),
    embeddings: reshape(last, [1, size, last.shape.at(-1)!]),
  };
}

/** Compiles outputs of the adjacency [n, n], with the victim's weights. */
export async function compileForEdges(
  { params }: Problem,
  executor: Executor,
  adjacency: Tensor,
  { parameters }: Pick<ModelOfEdges, "parameters">,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<{ run(edges: Float64Array): Promise<Arrays>; dispose(): Promise<void> }> {
  const traced: Graph = graph({ adjacency, ...parameters }, outputs);
  const program: Program = await executor.compile(traced, { precision: "float64" });
  const weights = Object.fromEntries(Object.keys(parameters).map((name) => [name, params[name]!]));
  return {
    run: (edges) => program.run({ ...weights, adjacency: { shape: adjacency.shape, data: edges } }),
    dispose: () => program.dispose(),
  };
}

/** A score for every pair of rows [n, n] of an array [1, n, H]; the diagonal is 0. */
export function pairScores(
  { shape, data }: NdArray,
  score: (a: Float64Array, b: Float64Array) => number,
): Float64Array {
  const [, size, width] = shape as [number, number, number];
  const rows = Array.from({ length: size }, (_, i) => Float64Array.from(data.subarray(i * width, (i + 1) * width)));
  const scores = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) scores[a * size + b] = scores[b * size + a] = score(rows[a]!, rows[b]!);
  }
  return scores;
}

/** ⟨a, b⟩ / (‖a‖ ‖b‖); 0 where one of them is 0. */
export function cosineOf(a: Float64Array, b: Float64Array): number {
  let [along, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    along += a[i]! * b[i]!;
    first += a[i]! ** 2;
    second += b[i]! ** 2;
  }
  return first === 0 || second === 0 ? 0 : along / Math.sqrt(first * second);
}

/** The cosine of what is left of a and b without their means. */
export function correlationOf(a: Float64Array, b: Float64Array): number {
  const centred = (x: Float64Array): Float64Array => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return x.map((value) => value - mean);
  };
  return cosineOf(centred(a), centred(b));
}
