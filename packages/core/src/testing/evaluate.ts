import { type Arrays, graph, input, interpret, type NdArray, type Tensor, type Tensors } from "@recon/engine";
import { drawNuisances, observationGraph, parameterValues } from "../operators/observation-graph.ts";
import type { Model, Operator } from "../problem.ts";
import { rng } from "../random.ts";

/** Values of symbolic outputs at concrete inputs, by the float64 reference interpreter. */
export function evaluateTensors(f: (x: Tensors) => Tensors, at: Arrays): Arrays {
  const x = Object.fromEntries(Object.entries(at).map(([name, { shape }]) => [name, input(name, shape)]));
  return interpret(graph(x, f(x)), at);
}

/** Value of one symbolic scalar at concrete inputs. */
export function evaluateScalar(f: (x: Tensors) => Tensor, at: Arrays): number {
  return evaluateTensors((x) => ({ value: f(x) }), at).value!.data[0]!;
}

/** A batch as an operator takes it. */
export interface Batch {
  readonly input: NdArray;
  readonly target: NdArray;
}

/** What an operator observes of a batch, by the reference interpreter; nuisances are drawn from a fixed stream unless given. */
export function observeBatch(
  operator: Operator,
  model: Model,
  params: Arrays,
  batch: Batch,
  nuisances: Arrays = drawNuisances(model, batch.input.shape[0]!, rng("nuisances")),
): Arrays {
  const program = observationGraph(model, operator, batch.input.shape[0]!);
  return interpret(program, { ...parameterValues(params), input: batch.input, target: batch.target, ...nuisances });
}

/** The items of a batch in another order, or some of them. */
export function pickItems({ input: inputs, target }: Batch, order: readonly number[]): Batch {
  const pick = ({ shape, data }: NdArray): NdArray => {
    const size = data.length / shape[0]!;
    const picked = new Float64Array(order.length * size);
    order.forEach((from, to) => {
      picked.set(data.subarray(from * size, (from + 1) * size), to * size);
    });
    return { shape: [order.length, ...shape.slice(1)], data: picked };
  };
  return { input: pick(inputs), target: pick(target) };
}

/** Largest |a − b| over all entries, relative to the largest |a| or |b|. */
export function relativeDifference(a: Arrays, b: Arrays): number {
  let difference = 0;
  let size = 0;
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const x = a[name]?.data;
    const y = b[name]?.data;
    if (x === undefined || y === undefined || x.length !== y.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < x.length; i++) {
      if (Number.isNaN(x[i]! - y[i]!)) return Number.POSITIVE_INFINITY;
      difference = Math.max(difference, Math.abs(x[i]! - y[i]!));
      size = Math.max(size, Math.abs(x[i]!), Math.abs(y[i]!));
    }
  }
  return size === 0 ? 0 : difference / size;
}
