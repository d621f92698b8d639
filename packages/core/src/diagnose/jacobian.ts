/** The Jacobian of what the attacker expects to see, D F, in the inputs of a batch: by columns, by rows, or as a product that never forms it. */
import {
  type Arrays,
  type Executor,
  type Graph,
  graph,
  input,
  jvp,
  type NdArray,
  sizeOf,
  type Tensor,
  type Tensors,
  topologicalOrder,
  vjp,
  vmap,
} from "@recon/engine";
import { expectedObservation } from "../attacks/forward.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { parameterInputs, parameterValues } from "../operators/observation-graph.ts";
import type { Problem } from "../problem.ts";

/** Where the Jacobian is taken: a batch [B, ...]. */
export interface JacobianPoint {
  readonly input: NdArray;
  readonly target: NdArray;
}

/** What counts as unknown. */
export type Unknown = "input" | "target";

export interface JacobianOptions {
  /** The unknowns, in the order of the columns; only the inputs unless said. */
  readonly unknowns?: readonly Unknown[];
  readonly signal?: AbortSignal | undefined;
}

interface TracedObservation {
  readonly inputs: Tensors;
  readonly unknowns: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly values: Arrays;
}

function trace(problem: Problem, point: JacobianPoint, unknowns: readonly Unknown[]): TracedObservation {
  const parameters = parameterInputs(problem.model);
  const data = { input: input("input", point.input.shape), target: input("target", point.target.shape) };
  return {
    inputs: { ...parameters, ...data },
    unknowns: unknowns.map((name) => data[name]),
    outputs: Object.values(expectedObservation(problem, parameters, data)),
    values: { ...parameterValues(problem.params), input: point.input, target: point.target },
  };
}

/** x ↦ J(x), compiled once for points of one shape. */
export interface CompiledJacobian {
  /** J [entries of the observation, entries of the unknowns], float64. */
  at(point: JacobianPoint, signal?: AbortSignal): Promise<Matrix>;
  dispose(): Promise<void>;
}

/**
 * J = ∂(D F)/∂(unknowns) as a dense float64 matrix, for many points of the same shapes.
 *
 * By Jacobian-vector products, a column each, or by vector-Jacobian products, a row each, whichever are fewer; many of them in one run.
 */
export async function compileJacobian(
  problem: Problem,
  executor: Executor,
  point: JacobianPoint,
  unknownNames: readonly Unknown[] = ["input"],
): Promise<CompiledJacobian> {
  const traced = trace(problem, point, unknownNames);
  const { unknowns, outputs } = traced;
  const [rows, cols] = [total(outputs), total(unknowns)];
  const byColumns = cols <= rows;
  const byRows: Rule = (ys, xs, directions) => vjp(xs, directions, ys);
  const map = byColumns ? { from: unknowns, to: outputs, rule: jvp } : { from: outputs, to: unknowns, rule: byRows };
  const products = await compileProducts(traced, executor, map);
  return {
    async at({ input: x, target }, signal) {
      const result = matrix(rows, cols);
      await products.forEach({ ...traced.values, input: x, target }, signal, (product, at) => {
        if (!byColumns) result.data.set(product, at * cols);
        else for (let row = 0; row < rows; row++) result.data[row * cols + at] = product[row]!;
      });
      return result;
    },
    dispose: () => products.dispose(),
  };
}

/** J at one point: see `compileJacobian`. */
export async function denseJacobian(
  problem: Problem,
  executor: Executor,
  point: JacobianPoint,
  { unknowns, signal }: JacobianOptions = {},
): Promise<Matrix> {
  const jacobian = await compileJacobian(problem, executor, point, unknowns);
  try {
    return await jacobian.at(point, signal);
  } finally {
    await jacobian.dispose();
  }
}

/** JᵀJ [n, n] with n entries of the unknowns, for observations too long to hold J. */
export async function gramMatrix(
  problem: Problem,
  executor: Executor,
  point: JacobianPoint,
  options: JacobianOptions = {},
): Promise<Matrix> {
  const traced = trace(problem, point, options.unknowns ?? ["input"]);
  const n = total(traced.unknowns);
  const result = matrix(n, n);
  const map = { from: traced.unknowns, to: traced.unknowns, rule: gramRule(traced) };
  const products = await compileProducts(traced, executor, map);
  try {
    await products.forEach(traced.values, options.signal, (row, at) => result.data.set(row, at * n));
    return result;
  } finally {
    await products.dispose();
  }
}

/** v ↦ JᵀJ v, compiled once. */
export interface GramProduct {
  readonly unknowns: number;
  readonly entries: number;
  /** Numbers that the program computes for one product: what it costs, about. */
  readonly numbers: number;
  multiply(v: Float64Array): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/**
 * The product with JᵀJ at a point, forward and then back, without ever forming J. Undefined when one product would compute more than `mostNumbers`
 * numbers, which is found before anything is compiled.
 */
export async function gramProduct(
  problem: Problem,
  executor: Executor,
  point: JacobianPoint,
  mostNumbers: number,
): Promise<GramProduct | undefined> {
  const traced = trace(problem, point, ["input"]);
  const program = productGraph(traced, { from: traced.unknowns, to: traced.unknowns, rule: gramRule(traced) });
  const numbers = topologicalOrder(Object.values(program.outputs)).reduce((n, { shape }) => n + sizeOf(shape), 0);
  if (numbers > mostNumbers) return undefined;
  const compiled = await executor.compile(program, { precision: "float64" });
  return {
    unknowns: total(traced.unknowns),
    entries: total(traced.outputs),
    numbers,
    multiply: async (v) => joined(await compiled.run({ ...traced.values, ...directionOf(traced.unknowns, v) })),
    dispose: () => compiled.dispose(),
  };
}

/** Products of a linear map with directions: what the map makes of `directions`, which have the shapes of `from`. */
type Rule = (to: readonly Tensor[], from: readonly Tensor[], directions: readonly Tensor[]) => Tensor[];

interface LinearMap {
  readonly from: readonly Tensor[];
  readonly to: readonly Tensor[];
  readonly rule: Rule;
}

function gramRule({ unknowns, outputs }: TracedObservation): Rule {
  return (_to, _from, directions) => vjp(outputs, jvp(outputs, unknowns, directions), unknowns);
}

/** The map as a graph: inputs `direction i` of the shapes of `from`, outputs `product i` of those of `to`. */
function productGraph(traced: TracedObservation, { from, to, rule }: LinearMap): Graph {
  const directions = from.map((node, i) => input(`direction ${i}`, node.shape));
  const products = rule(to, from, directions);
  return graph(
    { ...traced.inputs, ...Object.fromEntries(directions.map((node, i) => [`direction ${i}`, node])) },
    Object.fromEntries(products.map((node, i) => [`product ${i}`, node])),
  );
}

/** Directions that one run multiplies, and numbers that it may compute for them. */
const mostDirections = 96;
const mostNumbersInOneRun = 2 ** 25;

/** How many directions a run takes: small programs cost about the same for many as for one. */
function directionsInOneRun(single: Graph, directions: number): number {
  const numbers = topologicalOrder(Object.values(single.outputs)).reduce((n, { shape }) => n + sizeOf(shape), 0);
  return Math.max(1, Math.min(directions, mostDirections, Math.floor(mostNumbersInOneRun / numbers)));
}

/** The graph of one product for `count` directions at once: `direction i` and `product i` have a leading axis. */
function blockGraph(single: Graph, count: number): Graph {
  const directions = Object.entries(single.inputs).filter(([name]) => name.startsWith("direction "));
  const all = directions.map(([name, node]) => input(name, [count, ...node.shape]));
  const products = vmap(
    Object.values(single.outputs),
    directions.map(([, node]) => node),
    all,
  );
  return graph(
    { ...single.inputs, ...Object.fromEntries(directions.map(([name], i) => [name, all[i]!])) },
    Object.fromEntries(Object.keys(single.outputs).map((name, i) => [name, products[i]!])),
  );
}

/** A map that multiplies every unit vector, many at once. */
interface CompiledProducts {
  forEach(
    values: Arrays,
    signal: AbortSignal | undefined,
    take: (product: Float64Array, index: number) => void,
  ): Promise<void>;
  dispose(): Promise<void>;
}

async function compileProducts(
  traced: TracedObservation,
  executor: Executor,
  map: LinearMap,
): Promise<CompiledProducts> {
  const single = productGraph(traced, map);
  const size = total(map.from);
  const count = directionsInOneRun(single, size);
  const program = await executor.compile(blockGraph(single, count), { precision: "float64" });
  return {
    async forEach(values, signal, take) {
      for (let first = 0; first < size; first += count) {
        signal?.throwIfAborted();
        const products = await program.run({ ...values, ...unitDirections(map.from, first, count) });
        for (let k = 0; k < Math.min(count, size - first); k++) take(joined(products, k, count), first + k);
      }
    },
    dispose: () => program.dispose(),
  };
}

/** The unit vectors from `first` on, cut into arrays [count, ...] of the shapes of `from`; zeros after the last. */
function unitDirections(from: readonly Tensor[], first: number, count: number): Arrays {
  let start = 0;
  const named = from.map(({ shape }, i): [string, NdArray] => {
    const size = sizeOf(shape);
    const data = new Float64Array(count * size);
    for (let k = 0; k < count; k++) {
      const at = first + k - start;
      if (at >= 0 && at < size) data[k * size + at] = 1;
    }
    start += size;
    return [`direction ${i}`, { shape: [count, ...shape], data }];
  });
  return Object.fromEntries(named);
}

/** A vector cut into arrays of the shapes of `from`. */
function directionOf(from: readonly Tensor[], vector: Float64Array): Arrays {
  let start = 0;
  const named = from.map((node, i): [string, NdArray] => {
    const data = vector.slice(start, start + sizeOf(node.shape));
    start += data.length;
    return [`direction ${i}`, { shape: node.shape, data }];
  });
  return Object.fromEntries(named);
}

/** The parts of the k-th of `count` products, in their order, as one vector. */
function joined(products: Arrays, k = 0, count = 1): Float64Array {
  const pieces = Object.keys(products).map((_, i) => {
    const { data } = products[`product ${i}`]!;
    const size = data.length / count;
    return data.subarray(k * size, (k + 1) * size);
  });
  const result = new Float64Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let start = 0;
  for (const piece of pieces) {
    result.set(piece, start);
    start += piece.length;
  }
  return result;
}

function total(nodes: readonly Tensor[]): number {
  return nodes.reduce((n, { shape }) => n + sizeOf(shape), 0);
}
