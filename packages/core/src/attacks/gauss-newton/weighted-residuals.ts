import { type Arrays, type Executor, graph, input, type NdArray } from "@recon/engine";
import { compileJacobian } from "../../diagnose/jacobian.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { executorProduct } from "../../linear-algebra/multiply.ts";
import { orthonormalColumns } from "../../linear-algebra/qr.ts";
import { transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { parameterInputs, parameterValues } from "../../operators/observation-graph.ts";
import type { Problem } from "../../problem.ts";
import type { FactoredResiduals } from "../../solvers/geodesic-levenberg-marquardt.ts";
import { expectedObservation } from "../forward.ts";
import type { QuadraticPrior } from "./quadratic-prior.ts";

/** Standard deviation of every entry of the observation, by array. */
export type Accuracies = Readonly<Record<string, Float64Array>>;

/** (F(x) − y) / accuracy over all arrays, and below it the rows of the prior. */
export interface WeightedResiduals {
  residual(x: Float64Array, accuracies: Accuracies): Promise<Float64Array>;
  factorise(x: Float64Array, accuracies: Accuracies): Promise<FactoredResiduals>;
  /** Takes another prior of the same unknowns from now on. */
  setPrior(prior: QuadraticPrior): void;
  /** Evaluations of the forward operator and products with its Jacobian so far. */
  evaluations(): number;
  dispose(): Promise<void>;
}

/** Compiles residuals and Jacobian of a problem whose targets are settled, in float64. */
export async function weightedResiduals(
  problem: Problem,
  executor: Executor,
  target: NdArray,
  first: QuadraticPrior,
): Promise<WeightedResiduals> {
  let prior = first;
  const shape = [1, ...problem.model.input.shape];
  const parameters = parameterInputs(problem.model);
  const data = { input: input("input", shape), target: input("target", target.shape) };
  const expected = expectedObservation(problem, parameters, data);
  const program = await executor.compile(graph({ ...parameters, ...data }, expected), { precision: "float64" });
  const parts = partsOf(Object.keys(expected), problem.observation);
  const start = { input: { shape, data: new Float64Array(prior.size) }, target };
  const jacobian = await compileJacobian(problem, executor, start);
  const products = executorProduct(executor);
  let evaluations = 0;

  async function residual(x: Float64Array, accuracies: Accuracies): Promise<Float64Array> {
    evaluations++;
    const point = { input: { shape, data: x }, target };
    const values = await program.run({ ...parameterValues(problem.params), ...point });
    const own = prior.residual(x);
    const result = new Float64Array(parts.entries + own.length);
    for (const { name, from } of parts.list) {
      const [ours, sent, off] = [values[name]!.data, problem.observation[name]!.data, accuracies[name]!];
      for (let i = 0; i < ours.length; i++) result[from + i] = (ours[i]! - sent[i]!) / off[i]!;
    }
    result.set(own, parts.entries);
    return result;
  }

  return {
    residual,
    async factorise(x, accuracies) {
      const rows = await jacobian.at({ input: { shape, data: x }, target });
      evaluations += prior.size;
      const stacked = weighted(rows, parts, accuracies, prior);
      const q = await orthonormalColumns(stacked, products.product);
      const factor = await products.product(q, stacked, { transposeA: true });
      return {
        residual: await residual(x, accuracies),
        factor,
        project: (v) => transposedMatrixVector(q, v),
      };
    },
    setPrior: (next) => {
      prior = next;
    },
    evaluations: () => evaluations,
    dispose: () => disposeAll(program, jacobian, products),
  };
}

interface Parts {
  readonly entries: number;
  readonly list: readonly { readonly name: string; readonly from: number; readonly size: number }[];
}

function partsOf(names: readonly string[], observation: Arrays): Parts {
  let entries = 0;
  const list = names.map((name) => {
    const size = observation[name]!.data.length;
    entries += size;
    return { name, from: entries - size, size };
  });
  return { entries, list };
}

/** [J / accuracy; L]. */
function weighted(jacobian: Matrix, { list, entries }: Parts, accuracies: Accuracies, prior: QuadraticPrior): Matrix {
  const { cols } = jacobian;
  const result = matrix(entries + prior.rows.rows, cols);
  for (const { name, from, size } of list) {
    for (let i = 0; i < size; i++) {
      const weight = 1 / accuracies[name]![i]!;
      const row = (from + i) * cols;
      for (let k = row; k < row + cols; k++) result.data[k] = jacobian.data[k]! * weight;
    }
  }
  result.data.set(prior.rows.data, entries * cols);
  return result;
}

async function disposeAll(...all: readonly { dispose(): Promise<void> }[]): Promise<void> {
  for (const one of all) await one.dispose();
}
