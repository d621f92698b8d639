import type { LinearLayer } from "@recon/engine";
import { unmixHead } from "../exact/head-unmixing/unmix-head.ts";
import { singleSample, singleSampleBehindNoise } from "../exact/linear-layer.ts";
import { maskedSample } from "../exact/masked-linear-layer.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import type { AttackContext, Problem } from "../problem.ts";
import { clause, knownNoise } from "./conclude.ts";
import { traceModel } from "./model-layers.ts";
import { oneGradient } from "./one-gradient.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

/**
 * What entered the last linear layer for each sample, read off that layer's gradient as it was sent: one row a sample [B, F], in no order that means
 * anything, and 0 where nothing is known.
 *
 * One sample is a quotient, completed to rank one behind a visible mask and by total least squares behind known noise. A batch is unmixed, which takes the
 * softmax of a cross-entropy and fewer samples than classes.
 */
export async function headFeatures(
  given: Problem,
  { executor, rng, signal }: Pick<AttackContext, "executor" | "rng" | "signal">,
): Promise<{ readonly values: Matrix } | { readonly reason: string }> {
  const one = oneGradient(given);
  if ("reason" in one) return one;
  const problem = one.seen;
  const head = traceModel(problem.model).layers.at(-1);
  if (head?.kind !== "linear" || head.bias === undefined) return { reason: "the last layer is not linear with a bias" };
  const { product, dispose } = executorProduct(executor);
  try {
    const batch = batchSizeOf(problem);
    if (batch > 1) return await unmixed(problem, head, batch, { product, rng, signal });
    const weight = weightMatrix(head, problem.observation[head.weight]!);
    const bias = problem.observation[head.bias]!.data;
    if (problem.knowledge[`mask ${head.weight}`] !== undefined) {
      const { value, reason } = maskedSample(weight, bias);
      return value === undefined ? { reason: clause(reason) } : { values: matrix(1, weight.cols, value.input) };
    }
    const found =
      knownNoise(problem) > 0 ? await singleSampleBehindNoise(weight, bias, product) : singleSample(weight, bias);
    return found.value === undefined
      ? { reason: clause(found.reason) }
      : { values: matrix(1, weight.cols, found.value) };
  } finally {
    await dispose();
  }
}

async function unmixed(
  problem: Problem,
  head: LinearLayer,
  batch: number,
  tools: Pick<Parameters<typeof unmixHead>[1], "product" | "rng" | "signal">,
): Promise<{ readonly values: Matrix } | { readonly reason: string }> {
  const { observation, params, knowledge, observationPrecision: precision } = problem;
  if (problem.model.lossKind !== "cross-entropy") return { reason: "only the softmax of a cross-entropy is unmixed" };
  const targets = recoveredTargets(problem, batch);
  if ("reason" in targets) return targets;
  const classes = problem.model.target.shape.at(-1)!;
  const labelCounts = new Array<number>(classes).fill(0);
  targets.value.data.forEach((value, i) => {
    labelCounts[i % classes]! += Math.round(value);
  });
  const { value, reason } = await unmixHead(
    {
      weight: weightMatrix(head, params[head.weight]!),
      bias: params[head.bias!]!.data,
      weightGradient: weightMatrix(head, observation[head.weight]!),
      biasGradient: observation[head.bias!]!.data,
    },
    {
      labelCounts,
      reduction: knowledge.lossReduction === "sum" ? "sum" : "mean",
      precision,
      noiseStd: knownNoise(problem),
      ...tools,
    },
  );
  return value === undefined ? { reason: clause(reason) } : { values: value.features };
}
