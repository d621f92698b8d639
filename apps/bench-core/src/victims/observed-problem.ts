import {
  composeDefences,
  type Defence,
  type Domain,
  defaultKnowledge,
  gradient,
  type Model,
  type Problem,
  type Rng,
  relativeRms,
  rms,
} from "@recon/core";
import { type Arrays, type Executor, graph, input, type NdArray, sizeOf } from "@recon/engine";

/** A victim's weights and data, as a case draws them. */
export interface DrawnBatch {
  readonly model: Model;
  readonly params: Arrays;
  readonly input: NdArray;
  readonly target: NdArray;
}

/** Real vectors without bounds, whose blind guess is zero. */
export const normalDomain: Domain = {
  name: "vector",
  options: {},
  lower: { shape: [1], data: Float64Array.of(Number.NEGATIVE_INFINITY) },
  upper: { shape: [1], data: Float64Array.of(Number.POSITIVE_INFINITY) },
  metrics: [rms(), relativeRms()],
  blind: (shape) => ({ shape, data: new Float64Array(sizeOf(shape)) }),
  render: async () => [],
};

/** The gradient of a drawn batch, without a channel, in float64. */
export async function cleanGradient(
  { model, params, input: x, target }: DrawnBatch,
  executor: Executor,
): Promise<Arrays> {
  const symbols = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, input(name, shape)]));
  const data = { input: input("x", x.shape), target: input("y", target.shape) };
  const inputs = { ...symbols, x: data.input, y: data.target };
  const program = await executor.compile(graph(inputs, gradient().observe(model, symbols, data)), {
    precision: "float64",
  });
  try {
    return await program.run({ ...params, x, y: target });
  } finally {
    await program.dispose();
  }
}

/** What the attacker sees of a drawn batch behind defences that it knows; targets are told. */
export function observedProblem(
  { model, params, input: x, target }: DrawnBatch,
  clean: Arrays,
  defences: readonly Defence[],
  noise: Rng,
): Problem {
  const told = Object.fromEntries(defaultKnowledge.map((flag) => [flag, true as const]));
  return {
    model,
    params,
    operator: gradient(),
    defences,
    observation: composeDefences(defences).channel?.apply(clean, noise) ?? clean,
    observationPrecision: "float64",
    knowledge: {
      ...told,
      batchSize: x.shape[0]!,
      lossKind: model.lossKind,
      lossReduction: model.lossReduction ?? "mean",
      labels: target,
    },
    domain: normalDomain,
  };
}
