/** One sample of N(0, τ² I) behind a two-layer network and Gaussian noise: the setting in which noise-aware recovery is measured. */

import type { TrialContext } from "@recon/bench";
import { type Attack, gaussianNoise, type Model, type Problem, type Rng, rng, type Solution } from "@recon/core";
import { type Arrays, constant, mul, type NdArray } from "@recon/engine";
import { cleanGradient, type DrawnBatch, observedProblem } from "../victims/observed-problem.ts";
import { twoLayer } from "../victims/two-layer.ts";

/**
 * f(x) = (1/m) Σ tanh(wⱼ · x + bⱼ) whose first layer alone is trained, with loss m/2 (f − y)²: its gradient is r s'(z) x and, for the bias column, r s'(z), with
 * r = f − y. The column shows a sample's sign and length.
 */
export function noisyVictim(dimension: number, hidden: number): Model {
  const whole = twoLayer({ inputs: dimension, hidden, activation: "tanh", bias: true });
  const { a: head, ...parameters } = whole.parameters;
  const weights = new Float64Array(hidden).fill(1 / hidden);
  return {
    ...whole,
    name: "first-layer",
    parameters,
    init: (random) => {
      const { a: _, ...drawn } = whole.init(random);
      return drawn;
    },
    forward: (values, data, mode) => whole.forward({ ...values, a: constant(weights, head!.shape) }, data, mode),
    loss: (output, data) => mul(whole.loss(output, data), hidden),
  };
}

/** x ~ N(0, I / d): |x| is about 1. */
export function drawVector(dimension: number, random: Rng): NdArray {
  const scale = 1 / Math.sqrt(dimension);
  return { shape: [1, dimension], data: Float64Array.from({ length: dimension }, () => scale * random.normal()) };
}

/** The label is told, and the residual is near it. */
export const toldTarget: NdArray = { shape: [1, 1], data: Float64Array.of(1) };

/** What attackers of this setting are given. */
export const toldOfNoise: readonly string[] = [
  "architecture",
  "weights",
  "batchSize",
  "labels",
  "defenceKind",
  "defenceParams",
  "lossKind",
  "lossReduction",
];

/** One drawn input, and what is seen of it behind noise of a standard deviation. */
export async function drawNoisyProblem(
  { model, params, std }: { readonly model: Model; readonly params: Arrays; readonly std: number },
  { executor }: TrialContext,
  random: Rng,
): Promise<{ readonly batch: DrawnBatch; readonly problem: Problem }> {
  const input = drawVector(model.input.shape[0]!, random.split("input"));
  const batch = { model, params, input, target: toldTarget };
  const clean = await cleanGradient(batch, executor);
  return { batch, problem: observedProblem(batch, clean, [gaussianNoise({ std })], random.split("noise")) };
}

/** √(E |G|²) over the prior, at given weights: the scale of noise that does not depend on the data. */
export async function typicalNorm(
  model: Model,
  params: Arrays,
  { executor }: TrialContext,
  random: Rng,
): Promise<number> {
  const draws = 64;
  const dimension = model.input.shape[0]!;
  let square = 0;
  for (let i = 0; i < draws; i++) {
    const batch: DrawnBatch = { model, params, input: drawVector(dimension, random), target: toldTarget };
    for (const { data } of Object.values(await cleanGradient(batch, executor))) {
      for (const value of data) square += (value * value) / draws;
    }
  }
  return Math.sqrt(square);
}

/** Runs an attack to its end. */
export async function solve(
  attack: Attack,
  problem: Problem,
  { executor, signal }: TrialContext,
  stream: string,
  evaluations: number,
): Promise<Solution> {
  const context = { executor, signal, budget: { evaluations }, rng: rng(stream) };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error(`The attack ${attack.name} ended without a solution.`);
}

/** Mean and its standard error. */
export function meanOf(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const n = values.length;
  const mean = values.reduce((total, value) => total + value, 0) / n;
  return { mean, error: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (n * (n - 1))) };
}

/**
 * The mean of what varies with a control whose own mean is known: mean(v) − β (mean(c) − E c), with β by regression, and its standard error. What v owes
 * to the chance draw of c is taken out.
 */
export function controlledMean(
  values: readonly number[],
  controls: readonly number[],
  expected: number,
): { readonly mean: number; readonly error: number } {
  const [v, c] = [meanOf(values).mean, meanOf(controls).mean];
  const [cross, square] = controls.reduce(
    ([a, b], control, i) => [a + (control - c) * (values[i]! - v), b + (control - c) ** 2],
    [0, 0],
  );
  const slope = cross / square;
  return meanOf(values.map((value, i) => value - slope * (controls[i]! - expected)));
}

/** |a − b|², and with `sign` the lesser of |a ∓ b|². */
export function squaredError(a: NdArray, b: NdArray, sign = false): number {
  let [minus, plus] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    minus += (a.data[i]! - b.data[i]!) ** 2;
    plus += (a.data[i]! + b.data[i]!) ** 2;
  }
  return sign ? Math.min(minus, plus) : minus;
}
