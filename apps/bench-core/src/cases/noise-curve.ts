import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  analytic,
  fisherInformation,
  gaussian,
  gaussianNoise,
  type Matrix,
  type Model,
  matrix,
  maximumAPosteriori,
  type Problem,
  problemProducts,
  rng,
  svd,
  vanTreesFromDraws,
} from "@recon/core";
import type { Arrays } from "@recon/engine";
import { cleanGradient, observedProblem } from "../victims/observed-problem.ts";
import { twoLayer } from "../victims/two-layer.ts";
import {
  controlledMean,
  drawNoisyProblem,
  drawVector,
  noisyVictim,
  solve,
  squaredError,
  toldOfNoise,
  toldTarget,
  typicalNorm,
} from "./noisy-vectors.ts";

const [dimension, hidden] = [10, 30];
const priorVariance = 1 / dimension;
const noiseLevels = [1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1, 3, 10];
/** Draws of the prior for the bound, and problems at every level. */
const [boundDraws, problems] = [200, 80];

/** The error of the most probable input against the van Trees bound, from noise that hides nothing to noise that hides everything; and without bias, the breakdown of the direction. */
export const noiseCurveCases: readonly BenchCase[] = [
  {
    id: "noise-curve",
    suite: "defences",
    // The share by which the error lies above the bound less two standard errors, and by how much it lies above the bound.
    targets: { above_bound: ">=0", excess_db: "<=3" },
    seeds: 2,
    trial: (seed, context) => curve(seed, context, false),
  },
  {
    id: "noise-curve",
    suite: "defences",
    targets: { cosine_error: "<=0.05" },
    seeds: 2,
    trial: breakdown,
  },
  {
    id: "noise-curve/matched",
    suite: "defences",
    targets: {},
    seeds: 2,
    trial: (seed, context) => curve(seed, context, true),
  },
];

/** One set of weights; at every level of noise the mean over drawn inputs. `matched` scores modulo sign, where the bound says nothing. */
async function* curve(seed: number, context: TrialContext, matched: boolean): AsyncGenerator<Measurement, void> {
  const random = rng(seed).split("noise curve");
  const model = noisyVictim(dimension, hidden);
  const params = model.init(random.split("weights"));
  const norm = await typicalNorm(model, params, context, random.split("scale"));
  const informations = matched ? [] : await unitInformations(model, params, context, random.split("bound"));
  const count = context.quick ? 10 : matched ? problems / 2 : problems;
  for (const level of noiseLevels) {
    const std = level * norm;
    const attack = maximumAPosteriori({
      prior: gaussian({ std: Math.sqrt(priorVariance) }),
      from: [analytic()],
      draws: 0,
    });
    const [errors, blind]: [number[], number[]] = [[], []];
    let [evaluations, seconds, residual, converged] = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const stream = random.split(`level ${level}`).split(`problem ${i}`);
      const { batch, problem } = await drawNoisyProblem({ model, params, std }, context, stream);
      const started = performance.now();
      const solution = await solve(attack, problem, context, `${seed} ${level} ${i}`, 2000);
      seconds += (performance.now() - started) / 1000;
      evaluations += solution.evaluations;
      residual += solution.residual / count;
      converged += solution.certificate.level === "none" ? 0 : 1 / count;
      errors.push(squaredError(solution.value.input!, batch.input, matched) / dimension);
      blind.push(squaredError({ ...batch.input, data: new Float64Array(dimension) }, batch.input) / dimension);
    }
    // At large noise an error is nearly |x|², whose mean is known: its chance would hide how near the bound is.
    const { mean, error } = controlledMean(errors, blind, priorVariance);
    const scored = { mse: mean, standard_error: error, explained: converged, z: level };
    const common = {
      item: `z=${level}`,
      attack: attack.name,
      given: toldOfNoise,
      observation: "float64" as const,
      floor: { mse: priorVariance },
      certificate: "none" as const,
      residual,
      seconds,
      evaluations,
      verdict: "partial" as const,
    };
    if (matched) {
      yield { ...common, metric: scored, reason: `Mean of ${count} inputs, scored modulo sign: no bound applies.` };
      continue;
    }
    const bound = await vanTreesFromDraws(scaled(informations, std), identity(1 / priorVariance));
    const [lower, estimate] = [bound.value / dimension, bound.estimate / dimension];
    yield {
      ...common,
      metric: {
        ...scored,
        bound: lower,
        above_bound: (mean + 2 * error) / lower - 1,
        excess_db: 10 * Math.log10(mean / estimate),
      },
      reason: `Mean of ${count} inputs at noise ${level} of the typical gradient's norm; ${bound.assumptions.join(" ")}`,
    };
  }
}

/** Jᵀ J at draws of the prior: the information under noise of std 1. */
async function unitInformations(
  model: Model,
  params: Arrays,
  { executor }: TrialContext,
  random: ReturnType<typeof rng>,
): Promise<readonly Matrix[]> {
  const start = { model, params, input: drawVector(dimension, random.split("any")), target: toldTarget };
  const problem: Problem = observedProblem(
    start,
    await cleanGradient(start, executor),
    [gaussianNoise({ std: 1 })],
    random.split("none"),
  );
  const products = await problemProducts(problem, executor, toldTarget);
  const draws = random.split("draws");
  try {
    const result: Matrix[] = [];
    for (let i = 0; i < boundDraws; i++) {
      const x = Float64Array.from(drawVector(dimension, draws).data);
      const jacobian = matrix(products.outputs, dimension);
      for (let j = 0; j < dimension; j++) {
        const unit = new Float64Array(dimension);
        unit[j] = 1;
        (await products.forward(x, unit)).forEach((value, k) => {
          jacobian.data[k * dimension + j] = value;
        });
      }
      result.push(fisherInformation(jacobian, { std: 1 }));
    }
    return result;
  } finally {
    await products.dispose();
  }
}

function scaled(informations: readonly Matrix[], std: number): readonly Matrix[] {
  return informations.map(({ rows, cols, data }) =>
    matrix(
      rows,
      cols,
      data.map((value) => value / std ** 2),
    ),
  );
}

function identity(value: number): Matrix {
  const result = matrix(dimension, dimension);
  for (let i = 0; i < dimension; i++) result.data[i * (dimension + 1)] = value;
  return result;
}

/** m, d and z of the table. */
const breakdowns = [
  [20, 50, 0.1],
  [1000, 50, 0.03],
  [1000, 50, 0.1],
  [20, 200, 0.1],
] as const;

/**
 * Without a bias gradient only the direction is left: the top right singular vector of dW + noise, of std z |dW| an entry, with
 * cos² = max(0, 1 − m d z⁴) / (1 + d z²), which breaks down at z = (m d)^(−1/4).
 */
async function* breakdown(seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  for (const [m, d, z] of breakdowns) {
    const random = rng(seed).split(`breakdown ${m} ${d} ${z}`);
    const count = context.quick ? 10 : 100;
    const model = twoLayer({ inputs: d, hidden: m, activation: "tanh" });
    const started = performance.now();
    let cosine = 0;
    for (let i = 0; i < count; i++) {
      const stream = random.split(`problem ${i}`);
      const batch = {
        model,
        params: model.init(stream.split("weights")),
        input: drawVector(d, stream.split("input")),
        target: toldTarget,
      };
      const { w } = await cleanGradient(batch, context.executor);
      const noise = stream.split("noise");
      const std = z * norm(w!.data);
      const seen = matrix(
        m,
        d,
        Float64Array.from(w!.data, (value) => value + std * noise.normal()),
      );
      const { right } = svd(seen);
      const v = Float64Array.from({ length: d }, (_, k) => right.data[k * right.cols]!);
      const x = batch.input.data;
      cosine += Math.abs(v.reduce((total, value, k) => total + value * x[k]!, 0)) / norm(x) / count;
    }
    const formula = Math.sqrt(Math.max(0, 1 - m * d * z ** 4) / (1 + d * z * z));
    // The mean overlap of a direction without any information. Past the breakdown a small problem keeps a little more than that.
    const blind = Math.sqrt(2 / (Math.PI * d));
    yield {
      item: `breakdown m=${m} d=${d} z=${z}`,
      attack: "top singular vector",
      given: ["architecture", "batchSize"],
      observation: "float64",
      metric: {
        cosine,
        formula,
        cosine_error: formula > 0 ? Math.abs(cosine - formula) : Math.max(0, cosine - 2 * blind),
        breakdown_z: (m * d) ** -0.25,
      },
      floor: { cosine: blind },
      certificate: "none",
      verdict: "partial",
      reason: `Mean of ${count} samples without a bias gradient; the formula gives ${formula.toFixed(3)}.`,
      residual: Number.NaN,
      seconds: (performance.now() - started) / 1000,
      evaluations: 0,
    };
  }
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((total, value) => total + value * value, 0));
}
