import type { Arrays } from "@recon/engine";
import { gradient } from "../../operators/gradient.ts";
import type { LocalTraining, Problem } from "../../problem.ts";

/** What the gradients of all local steps add up to, by parameter: Σₜ weightₜ Gₜ = U − drift Θ₀. */
export function summedGradients({ observation, params }: Problem, { drift }: LocalTraining): Arrays {
  return Object.fromEntries(
    Object.entries(observation).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value, i) => value - drift * params[name]!.data[i]!) },
    ]),
  );
}

/**
 * The update taken for one gradient of the whole batch at a point between the weights before and after: G(Θ₀ + share · U) ≈ Σₜ weightₜ Gₜ / Σₜ weightₜ.
 *
 * Exact for one step without decay at share 0. Otherwise an approximation, whose data explain the update only about.
 *
 * @see Zhu, Yao & Blaschko, Surrogate Model Extension (SME): A Fast and Accurate Weight Update Attack on Federated Learning, ICML 2023.
 */
export function surrogate(problem: Problem, training: LocalTraining, share: number): Problem {
  const { params, observation, knowledge, operator } = problem;
  const batch = knowledge.batchSize as number;
  const total = training.steps.reduce((sum, { weight, places }) => sum + (weight * places.length) / batch, 0);
  const sums = summedGradients(problem, training);
  const { mode } = operator.options as { readonly mode?: "train" | "eval" };
  return {
    ...problem,
    operator: gradient({ ...(mode !== undefined && { mode }) }),
    params: Object.fromEntries(
      Object.entries(params).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (value, i) => value + share * (observation[name]?.data[i] ?? 0)) },
      ]),
    ),
    observation: Object.fromEntries(
      Object.entries(sums).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (value) => value / total) },
      ]),
    ),
  };
}
