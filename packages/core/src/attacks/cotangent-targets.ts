/** Targets read off the error signals of samples whose inputs are known. */
import { type Executor, grad, graph, input, layersOf, type NdArray, type Program } from "@recon/engine";
import { assign } from "../judge/match.ts";
import { leastSquares } from "../linear-algebra/least-squares.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { norm } from "../linear-algebra/vector.ts";
import { parameterInputs, parametersOf, parameterValues } from "../operators/observation-graph.ts";
import type { Problem } from "../problem.ts";

/** Samples at a layer of the victim: their inputs to the net, and ∂ℓ/∂u at the layer's output u. */
export interface KnownSamples {
  /** [B, ...]. */
  readonly inputs: NdArray;
  /** [B, K]. */
  readonly cotangents: Matrix;
  /** Name of the layer's weight. */
  readonly layer: string;
}

/** Probes are one pass for each entry of a target. */
const mostEntries = 256;
const agreement = 1e-6;

/**
 * The target of every sample from its error signal r = ∂ℓ/∂u, for every loss whose derivative is a straight line in the target: squared errors, cross-entropies.
 *
 * The line is found by evaluating the derivative at the zero target and at the unit ones; a target that is a distribution sums to 1, which is the one thing
 * that the derivative of a softmax cross-entropy does not show.
 *
 * @returns undefined where the loss is no such line or the line does not determine the target.
 */
export async function targetsFromCotangents(
  problem: Problem,
  executor: Executor,
  samples: KnownSamples,
): Promise<NdArray | undefined> {
  const { shape, kind } = problem.model.target;
  const { rows: count, cols: outputs } = samples.cotangents;
  const size = shape.reduce((n, extent) => n * extent, 1);
  const rows = outputs + (kind === "distribution" ? 1 : 0);
  if (size > mostEntries || rows < size) return undefined;
  const errors = await errorSignals(problem, executor, samples);
  if (errors === undefined) return undefined;
  try {
    const target = new Float64Array(count * size);
    const zero = await errors.at(target);
    const units: Float64Array[] = [];
    for (let k = 0; k < size; k++) units.push(await errors.at(target.map((_, at) => Number(at % size === k))));
    for (let i = 0; i < count; i++) {
      const slope = matrix(rows, size);
      const right = new Float64Array(rows);
      for (let o = 0; o < outputs; o++) {
        const at = i * outputs + o;
        right[o] = samples.cotangents.data[at]! - zero[at]!;
        for (let k = 0; k < size; k++) slope.data[o * size + k] = units[k]![at]! - zero[at]!;
      }
      if (rows > outputs) {
        const scale = norm(slope.data);
        slope.data.fill(scale, outputs * size);
        right[outputs] = scale;
      }
      target.set(leastSquares(slope, right).x, i * size);
    }
    const reached = await errors.at(target);
    const misfit = norm(reached.map((value, at) => value - samples.cotangents.data[at]!));
    if (!(misfit <= agreement * norm(samples.cotangents.data))) return undefined;
    return { shape: [count, ...shape], data: target };
  } catch {
    // A slope of deficient rank: several targets have this error signal.
    return undefined;
  } finally {
    await errors.dispose();
  }
}

/** Told targets in the order of the samples: the assignment with which the error signals agree best. */
export async function pairedTargets(
  problem: Problem,
  executor: Executor,
  samples: KnownSamples,
  told: NdArray,
): Promise<NdArray> {
  const { rows: count, cols: outputs } = samples.cotangents;
  const errors = await errorSignals(problem, executor, samples);
  const size = told.data.length / told.shape[0]!;
  if (errors === undefined || told.shape[0]! < count) return told;
  try {
    const cost = matrix(count, told.shape[0]!);
    for (let l = 0; l < cost.cols; l++) {
      const all = Float64Array.from({ length: count * size }, (_, at) => told.data[l * size + (at % size)]!);
      const reached = await errors.at(all);
      for (let i = 0; i < count; i++) {
        const difference = Array.from({ length: outputs }, (_, o) => {
          const at = i * outputs + o;
          return reached[at]! - samples.cotangents.data[at]!;
        });
        cost.data[i * cost.cols + l] = norm(difference);
      }
    }
    const places = assign(cost);
    const data = Float64Array.from({ length: count * size }, (_, at) => {
      const place = places[Math.floor(at / size)]!;
      return told.data[place * size + (at % size)]!;
    });
    return { shape: [count, ...told.shape.slice(1)], data };
  } finally {
    await errors.dispose();
  }
}

/** ∂ℓ/∂u at the layer's output as a function of the targets of all samples. */
export async function errorSignals(
  problem: Problem,
  executor: Executor,
  { inputs, layer }: KnownSamples,
): Promise<{ at(target: Float64Array): Promise<Float64Array>; dispose(): Promise<void> } | undefined> {
  const { model } = problem;
  const count = inputs.shape[0]!;
  const parameters = parameterInputs(model);
  const data = { input: input("input", inputs.shape), target: input("target", [count, ...model.target.shape]) };
  const named = parametersOf(model, parameters);
  const output = model.forward(named, data, "eval");
  const weight = Object.entries(named).find(([name]) => name === layer)?.[1];
  const found = layersOf(output).find((candidate) => candidate.weight === weight?.attributes.name);
  if (found === undefined) return undefined;
  const [signal] = grad(model.loss(output, data), [found.preActivation]);
  const g = graph({ ...parameters, ...data }, { signal: signal! });
  const program: Program = await executor.compile(g, { precision: "float64" });
  return {
    at: async (target) => {
      const values = { input: inputs, target: { shape: data.target.shape, data: target } };
      const { signal: reached } = await program.run({ ...parameterValues(problem.params), ...values });
      return Float64Array.from(reached!.data);
    },
    dispose: () => program.dispose(),
  };
}
