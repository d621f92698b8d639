import { modelState, type Problem, stack } from "@recon/core";
import {
  add,
  concat,
  constant,
  type Executor,
  grad,
  graph,
  layersOf,
  matmul,
  mul,
  type NdArray,
  type Precision,
  type Program,
  reshape,
  sub,
  sum,
  input as symbol,
  type Tensor,
  transpose,
  vjp,
} from "@recon/engine";
import { type GraphDomain, noNode } from "../../../domain.ts";
import { encodeGraph, type LabelledGraph } from "../../../graphs/labelled-graph.ts";

/** How far the gradients of many graphs are from the observed one. */
export interface MisfitProgram {
  /** ‖G − y‖² of every graph over the weights and biases of all linear layers. */
  misfits(graphs: readonly LabelledGraph[]): Promise<Float64Array>;
  /** ∂‖G − y‖² / ∂(X, A) of a graph, between graphs, as an item [n, D + n]. */
  slopes(graph: LabelledGraph): Promise<NdArray>;
  /** Entries of the observation that are compared. */
  readonly entries: number;
  dispose(): Promise<void>;
}

/** Graphs of one run. */
export const graphsAtOnce = 8;
/** Nodes are filled up to a multiple of this, so that few programs are compiled. */
const step = 8;

/**
 * Compares graphs without their gradients being formed: with X the rows that a layer reads of one graph and E their errors, its gradient is Eᵀ X, and
 *
 *     ‖Eᵀ X − Y‖² = ⟨X Xᵀ, E Eᵀ⟩ − 2 ⟨E, X Yᵀ⟩ + ‖Y‖²
 *
 * whose products have as many rows as the graph has nodes.
 */
export function misfitProgram(
  problem: Problem,
  { table, features }: GraphDomain,
  executor: Executor,
  target: NdArray,
  precision: Precision = "float64",
): MisfitProgram {
  const programs = new Map<string, Promise<Program>>();
  const compiled = (batch: number, size: number): Promise<Program> => {
    const key = `${batch} ${size}`;
    const found = programs.get(key) ?? compileMisfits(problem, executor, { features, batch, size, target, precision });
    programs.set(key, found);
    return found;
  };
  const extent = (graphs: readonly LabelledGraph[]): number =>
    step * Math.ceil(graphs.reduce((most, { nodes }) => Math.max(most, nodes.length), 0) / step);
  return {
    entries: comparedEntries(problem, features),
    misfits: async (graphs) => {
      const all = new Float64Array(graphs.length);
      for (let start = 0; start < graphs.length; start += graphsAtOnce) {
        const some = graphs.slice(start, start + graphsAtOnce);
        const size = extent(some);
        const program = await compiled(graphsAtOnce, size);
        const filled = Array.from({ length: graphsAtOnce }, (_, i) => some[Math.min(i, some.length - 1)]!);
        const items = filled.map((graph) => encodeGraph(graph, table));
        const { misfits } = await program.run({ graphs: widened(items, features, size) });
        for (const i of some.keys()) all[start + i] = misfits!.data[i]!;
      }
      return all;
    },
    slopes: async (graph) => {
      const size = extent([graph]);
      const program = await compiled(1, size);
      const { slopes } = await program.run({ graphs: widened([encodeGraph(graph, table)], features, size) });
      const columns = features + graph.nodes.length;
      const data = Float64Array.from({ length: graph.nodes.length * columns }, (_, i) => {
        return slopes!.data[Math.floor(i / columns) * (features + size) + (i % columns)]!;
      });
      return { shape: [graph.nodes.length, columns], data };
    },
    dispose: async () => {
      for (const program of programs.values()) await (await program).dispose();
    },
  };
}

/** Graphs as one batch of `size` nodes each. */
function widened(items: readonly NdArray[], features: number, size: number): NdArray {
  const columns = features + size;
  const wide = items.map(({ shape, data }): NdArray => {
    const [rows, own] = shape as [number, number];
    const filled = new Float32Array(size * columns).fill(noNode);
    for (let row = 0; row < rows; row++)
      filled.set(data.subarray(row * own, (row + 1) * own) as Float32Array, row * columns);
    return { shape: [size, columns], data: filled };
  });
  return stack(wide, noNode);
}

/** Entries of the gradients of the weights and biases of linear layers. */
function comparedEntries(problem: Problem, features: number): number {
  const { layers } = traced(problem, features, 2, 4);
  const names = new Set(layers.flatMap(({ weight, bias }) => (bias === undefined ? [weight] : [weight, bias])));
  return [...names].reduce((total, name) => total + problem.observation[name]!.data.length, 0);
}

function traced({ model }: Problem, features: number, batch: number, size: number) {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, symbol(name, shape)]),
  );
  const graphs = symbol("graphs", [batch, size, features + size]);
  const output = model.forward(parameters, { input: graphs }, "eval");
  const layers = layersOf(output).flatMap((layer) =>
    layer.kind === "linear" && layer.weight in parameters ? [layer] : [],
  );
  return { parameters, graphs, output, layers };
}

interface Extents {
  readonly features: number;
  readonly batch: number;
  readonly size: number;
  readonly target: NdArray;
  readonly precision: Precision;
}

/** Misfits of a batch; slopes too where it holds one graph. */
function compileMisfits(
  problem: Problem,
  executor: Executor,
  { features, batch, size, target, precision }: Extents,
): Promise<Program> {
  const { model, observation, params } = problem;
  const { parameters, graphs, output, layers } = traced(problem, features, batch, size);
  const classes = target.data.length;
  const labels = constant(
    Float64Array.from({ length: batch * classes }, (_, i) => target.data[i % classes]!),
    [batch, classes],
  );
  const loss = model.loss(output, { target: labels });
  const share = model.lossReduction === "sum" ? 1 : batch;
  const pulled = vjp(
    [loss],
    [constant(Float64Array.of(share), [])],
    layers.map(({ preActivation }) => preActivation),
  );
  const rowsOf = (tensor: Tensor): Tensor => {
    const width = tensor.shape.at(-1)!;
    return reshape(tensor, [batch, tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1) / batch, width]);
  };
  const terms: Tensor[] = [];
  let constantPart = 0;
  const seen = new Set<string>();
  layers.forEach(({ weight, bias, layout }) => {
    if (seen.has(weight)) return;
    seen.add(weight);
    const same = layers.flatMap((layer, i) => (layer.weight === weight ? [i] : []));
    const x = joined(same.map((i) => rowsOf(layers[i]!.input)));
    const e = joined(same.map((i) => rowsOf(pulled[i]!)));
    const seenGradient = observation[weight]!;
    const y = constant(Float64Array.from(seenGradient.data), seenGradient.shape);
    const across = matmul(x, layout === "plain" ? transpose(y) : y);
    const square = mul(matmul(x, transpose(x, [0, 2, 1])), matmul(e, transpose(e, [0, 2, 1])));
    const twice = constant(Float64Array.of(2), [1]);
    terms.push(sub(sum(square, [1, 2]), mul(sum(mul(e, across), [1, 2]), twice)));
    constantPart += squareOf(seenGradient);
    if (bias === undefined || seen.has(bias)) return;
    seen.add(bias);
    const seenBias = observation[bias]!;
    const total = sum(e, [1]);
    const b = constant(Float64Array.from(seenBias.data), [1, seenBias.data.length]);
    const difference = sub(total, b);
    terms.push(sum(mul(difference, difference), [1]));
  });
  const all = terms.reduce((a, b) => add(a, b));
  const misfits = add(all, constant(Float64Array.of(constantPart), [1]));
  const outputs = batch > 1 ? { misfits } : { misfits, slopes: grad(sum(misfits), [graphs])[0]! };
  return executor.compile(graph({ ...parameters, graphs }, outputs), {
    precision,
    constants: Object.fromEntries(Object.keys(parameters).map((name) => [name, params[name]!])),
  });
}

function joined(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

function squareOf({ data }: NdArray): number {
  let square = 0;
  for (let i = 0; i < data.length; i++) square += data[i]! ** 2;
  return square;
}
