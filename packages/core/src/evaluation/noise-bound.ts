import type { Executor } from "@recon/engine";
import { norm } from "../arrays.ts";
import type { Bound } from "../bounds/bound.ts";
import { problemProducts } from "../bounds/van-trees/problem-products.ts";
import { probedTraceBound } from "../bounds/van-trees/trace-bound.ts";
import { composeDefences } from "../defences/compose.ts";
import { drawBatch } from "../draw-batch.ts";
import { rng } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { observe } from "../victim.ts";

/** Draws of the prior, and probes at each: enough for a standard error of a few percent. */
const [draws, probes] = [6, 4];

/**
 * The mean squared error a coordinate that no attacker can go below on data drawn from N(0, τ² I), with τ² the mean square of the scenario's own data:
 * van Trees in its trace form, at the noise of the scenario's first trial.
 *
 * There is none without Gaussian or Laplace noise of known size on every entry, for a batch whose order is unknown, or behind a defence that is fitted to the data.
 */
export async function noiseBound(
  scenario: Scenario,
  { executor, seed, signal }: { readonly executor: Executor; readonly seed: number; readonly signal: AbortSignal },
): Promise<Bound | { readonly reason: string }> {
  if (scenario.batch !== 1) return { reason: "the order of a batch is unknown, which the bound does not cover" };
  if (scenario.defences.some((defence) => defence.fit !== undefined)) {
    return { reason: "the noise is fitted to the data, and the bound takes it as given" };
  }
  const random = rng(seed).split(`scenario ${scenario.id}`);
  const data = await scenario.source.open();
  const { problem, truth } = await observe(scenario, data, 0, random, executor, signal);
  const channel = composeDefences(scenario.defences).channel;
  const std = channel?.noiseStd(problem.observation) ?? 0;
  if (!(std > 0)) return { reason: "without noise nothing keeps an attacker from being exact" };
  const noises = scenario.defences.flatMap(({ mechanism = [] }) => mechanism.filter((step) => step.kind === "noise"));
  if (noises.length !== 1) return { reason: "the noise is not of one known distribution on every entry" };
  // Laplace noise of scale b = σ / √2 has the Fisher information 1 / b², that of Gaussian noise of standard deviation b.
  const informationStd = noises[0]!.distribution === "laplace" ? std / Math.SQRT2 : std;
  const items = await Promise.all(
    Array.from({ length: scenario.trials }, (_, trial) => drawBatch(data, scenario.batch, trial, random)),
  );
  const squares = items.flat().map(({ input }) => norm({ input }) ** 2 / input.data.length);
  const square = squares.reduce((sum, value) => sum + value, 0) / squares.length;
  const products = await problemProducts(problem, executor, truth.target);
  try {
    const normal = random.split("prior of the bound");
    const points = Array.from({ length: draws }, () =>
      Float64Array.from({ length: products.inputs }, () => Math.sqrt(square) * normal.normal()),
    );
    const of = {
      products,
      noise: { std: informationStd },
      points,
      probes,
      rng: random.split("probes of the bound"),
      signal,
    };
    const { value, kind, assumptions } = await probedTraceBound(of, 1 / square);
    return {
      value: value / products.inputs,
      kind,
      assumptions: [
        ...assumptions,
        `The data are drawn from N(0, ${square.toPrecision(3)} I). Natural data have more structure, and an attacker who knows it may do better.`,
      ],
    };
  } finally {
    await products.dispose();
  }
}
