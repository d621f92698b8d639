import { add, type Executor, graph, input, mul, type NdArray, sub, sum } from "@recon/engine";
import { type CompiledJacobian, compileJacobian, type Unknown } from "../../diagnose/jacobian.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { parameterInputs, parameterValues } from "../../operators/observation-graph.ts";
import type { Problem } from "../../problem.ts";
import { type GeodesicResult, geodesicLevenbergMarquardt } from "../../solvers/geodesic-levenberg-marquardt.ts";
import { expectedObservation } from "../forward.ts";
import { accuraciesOf, sizesOf } from "../gauss-newton/accuracies.ts";

/** Inputs [B, ...] with their targets. */
export interface Batch {
  readonly input: NdArray;
  readonly target: NdArray;
}

/** A batch, and how well it explains the update. */
export interface UnrolledFit extends Batch {
  /** Root mean square of the misfit in units of the observation's accuracy. */
  readonly misfit: number;
  readonly ended: GeodesicResult["ended"];
}

/** Least squares with the exact Jacobian of all local steps, for problems with few unknowns. */
export interface UnrolledFitter {
  /** From a start; what is not among the unknowns stays as it is. Targets need not be distributions at the end. */
  fit(start: Batch, unknowns: readonly Unknown[]): Promise<UnrolledFit>;
  /** Of a batch as it is. */
  misfit(batch: Batch): Promise<number>;
  /** Evaluations of the update and products with its Jacobian so far. */
  evaluations(): number;
  /** Whether there are not enough of them left for another linearisation; a fit then ends where it is. */
  exhausted(): boolean;
  dispose(): Promise<void>;
}

/** Relative accuracies of the fits, one after the other; the coarse ones have wide valleys, and the last is that of the observation. */
const levels = [1e-2, 1e-5, 0];
const iterations = 60;

/** Evaluations beside the products with the Jacobian that a linearisation, the step after it and the judgement of the result take. */
const aroundLinearisation = 4;

/** Compiles the update for batches of one shape, in float64; its Jacobian when it is first asked for. Fits stay within `most` evaluations. */
export async function unrolledFitter(
  given: Problem,
  executor: Executor,
  batch: number,
  most: number,
  signal: AbortSignal,
): Promise<UnrolledFitter> {
  const problem = withFreeTargets(given);
  const { model, observation } = problem;
  const shapes = { input: [batch, ...model.input.shape], target: [batch, ...model.target.shape] };
  const parameters = parameterInputs(model);
  const data = { input: input("input", shapes.input), target: input("target", shapes.target) };
  const expected = expectedObservation(problem, parameters, data);
  const names = Object.keys(expected);
  const program = await executor.compile(graph({ ...parameters, ...data }, expected), { precision: "float64" });
  const jacobians = new Map<string, CompiledJacobian>();
  const sizes = sizesOf(problem);
  const own = accuraciesOf(problem, sizes);
  let evaluations = 0;
  // Of the unknowns of the last fit.
  let products = 0;
  const exhausted = (): boolean => evaluations + products + aroundLinearisation > most;

  async function jacobianIn(unknowns: readonly Unknown[], point: Batch): Promise<CompiledJacobian> {
    const known = jacobians.get(unknowns.join());
    const compiled = known ?? (await compileJacobian(problem, executor, point, unknowns));
    jacobians.set(unknowns.join(), compiled);
    return compiled;
  }

  const weightsAt = (level: number): Float64Array =>
    Float64Array.from(
      names.flatMap((name) =>
        new Array<number>(observation[name]!.data.length).fill(1 / Math.max(own[name]!, level * sizes[name]!)),
      ),
    );

  async function residualOf(point: Batch, weights: Float64Array): Promise<Float64Array> {
    evaluations++;
    const values = await program.run({ ...parameterValues(problem.params), input: point.input, target: point.target });
    const r = new Float64Array(weights.length);
    let from = 0;
    for (const name of names) {
      const [ours, sent] = [values[name]!.data, observation[name]!.data];
      for (let i = 0; i < ours.length; i++) r[from + i] = (ours[i]! - sent[i]!) * weights[from + i]!;
      from += ours.length;
    }
    return r;
  }

  async function misfitOf(point: Batch): Promise<number> {
    const weights = weightsAt(0);
    return norm(await residualOf(point, weights)) / Math.sqrt(weights.length);
  }

  async function fit(start: Batch, unknowns: readonly Unknown[]): Promise<UnrolledFit> {
    let point = start;
    let ended: UnrolledFit["ended"] = "aborted";
    products = packed(start, unknowns).length;
    const jacobian = await jacobianIn(unknowns, start);
    for (const level of levels) {
      if (exhausted()) break;
      const spent = new AbortController();
      const weights = weightsAt(level);
      const at = (x: Float64Array): Batch => unpacked(x, start, unknowns);
      const run = geodesicLevenbergMarquardt({
        start: packed(point, unknowns),
        residual: async (x) => {
          const r = await residualOf(at(x), weights);
          if (exhausted()) spent.abort();
          return r;
        },
        factorise: async (x) => {
          const rows = await jacobian.at(at(x), signal);
          evaluations += x.length;
          const { q, r } = qr(weighted(rows, weights));
          const residual = await residualOf(at(x), weights);
          if (exhausted()) spent.abort();
          return {
            residual,
            factor: r,
            project: (v) => transposedMatrixVector(q, v),
          };
        },
        signal: AbortSignal.any([signal, spent.signal]),
        options: { iterations },
      });
      let step = await run.next();
      while (step.done !== true) step = await run.next();
      ended = step.value.ended;
      point = at(step.value.value);
    }
    const target = normalised(given, point.target);
    return { input: point.input, target, misfit: await misfitOf(point), ended };
  }

  return {
    fit,
    misfit: misfitOf,
    evaluations: () => evaluations,
    exhausted,
    dispose: async () => {
      await program.dispose();
      for (const jacobian of jacobians.values()) await jacobian.dispose();
    },
  };
}

function packed(batch: Batch, unknowns: readonly Unknown[]): Float64Array {
  return Float64Array.from(unknowns.flatMap((name) => Array.from(batch[name].data)));
}

function unpacked(x: Float64Array, start: Batch, unknowns: readonly Unknown[]): Batch {
  let from = 0;
  const own = unknowns.map((name): [Unknown, NdArray] => {
    const { shape, data } = start[name];
    from += data.length;
    return [name, { shape, data: x.subarray(from - data.length, from) }];
  });
  return { ...start, ...Object.fromEntries(own) };
}

/** Row i times weight i. */
function weighted({ rows, cols, data }: Matrix, weights: Float64Array): Matrix {
  return matrix(
    rows,
    cols,
    data.map((value, at) => value * weights[Math.floor(at / cols)]!),
  );
}

/** The problem with targets that need not add up to 1: what is missing is spread evenly, since a cross-entropy hardly sees it. */
function withFreeTargets(problem: Problem): Problem {
  const { model } = problem;
  if (model.target.kind !== "distribution") return problem;
  const classes = model.target.shape.at(-1)!;
  return {
    ...problem,
    model: {
      ...model,
      loss: (output, data) => {
        const target = data.target!;
        const missing = mul(sub(1, sum(target, [target.shape.length - 1], true)), 1 / classes);
        return model.loss(output, { ...data, target: add(target, missing) });
      },
    },
  };
}

function normalised({ model }: Problem, target: NdArray): NdArray {
  if (model.target.kind !== "distribution") return target;
  const classes = model.target.shape.at(-1)!;
  const data = Float64Array.from(target.data);
  for (let from = 0; from < data.length; from += classes) {
    const total = data.subarray(from, from + classes).reduce((all, value) => all + value, 0);
    for (let k = 0; k < classes; k++) data[from + k]! += (1 - total) / classes;
  }
  return { shape: target.shape, data };
}
