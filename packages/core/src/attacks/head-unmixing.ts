import { type NdArray, sizeOf } from "@recon/engine";
import { inverseChain } from "../exact/head-unmixing/inverse-chain.ts";
import { type UnmixedHead, unmixHead } from "../exact/head-unmixing/unmix-head.ts";
import { fromLayers } from "../exact/recursion/from-layers.ts";
import { inverseActivation } from "../exact/recursion/inverse-activation.ts";
import type { RecursionLayer } from "../exact/recursion/recursion.ts";
import type { ExactResult } from "../exact/result.ts";
import { matrixOf } from "../linear-algebra/matrix.ts";
import { executorProduct } from "../linear-algebra/multiply.ts";
import { norm as length } from "../linear-algebra/vector.ts";
import type { Applicability, Attack, AttackContext, Flag, Problem, Progress, Solution } from "../problem.ts";
import { clause, conclude, type Findings, knownNoise } from "./conclude.ts";
import { fitOf } from "./forward.ts";
import { traceModel } from "./model-layers.ts";
import { takingOneGradient } from "./one-gradient.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

/**
 * A whole batch out of a softmax head: the features of every sample are unmixed from the head's gradient, and each is followed back to the data through
 * the layers before the head, where these do not lose any of it.
 *
 * Nets whose layers do lose some still give away the features: `unmixHead` and `inverseChain` return them.
 */
export function headUnmixing(): Attack {
  return takingOneGradient({
    name: "head-unmixing",
    options: {},
    cite: "recon; the head's equations as in Zhu & Blaschko, R-GAP: Recursive Gradient Attack on Privacy, ICLR 2021, for more than one sample",
    needs: ["architecture", "weights", "lossKind", "lossReduction", "batchSize"],
    applies,
    run,
  });
}

interface Parts {
  /** Before the head. */
  readonly layers: readonly RecursionLayer[];
  readonly head: RecursionLayer & { readonly bias: NdArray; readonly biasGradient: NdArray };
  readonly labelCounts: readonly number[];
  readonly given: readonly Flag[];
}

function partsOf(problem: Problem): Parts | { readonly reason: string } {
  const { model, params, observation } = problem;
  if (model.lossKind !== "cross-entropy") return { reason: "it unmixes only the softmax of a cross-entropy" };
  const chain = fromLayers({ ...traceModel(model), params, gradient: observation });
  if ("reason" in chain) return { reason: chain.reason.replace(/\.$/, "") };
  const head = chain.layers.at(-1)!;
  const layers = chain.layers.slice(0, -1);
  const { bias, biasGradient } = head;
  if (
    head.kind !== "linear" ||
    head.activation.name !== "identity" ||
    bias === undefined ||
    biasGradient === undefined
  ) {
    return { reason: `layer ${head.name} is not a linear head with a bias` };
  }
  const lossy = [...layers].reverse().find((layer) => sizeOf(layer.outputShape) < sizeOf(layer.inputShape));
  if (lossy !== undefined) {
    const [inputs, outputs] = [sizeOf(lossy.inputShape), sizeOf(lossy.outputShape)];
    return {
      reason: `layer ${lossy.name} maps ${inputs} numbers to ${outputs}, so the features do not determine the data`,
    };
  }
  const blocked = layers.find((layer) => inverseActivation(layer.activation) === undefined);
  if (blocked !== undefined)
    return { reason: `the ${blocked.activation.name} after layer ${blocked.name} cannot be inverted` };
  const labels = labelCountsOf(problem, biasGradient.data.length);
  if ("reason" in labels) return labels;
  return { layers, head: { ...head, bias, biasGradient }, ...labels };
}

/** Counts as told, from labels as told, or read off the head's bias gradient. */
function labelCountsOf(
  problem: Problem,
  classes: number,
): { readonly labelCounts: readonly number[]; readonly given: readonly Flag[] } | { readonly reason: string } {
  const told = problem.knowledge.labelCounts;
  if (Array.isArray(told) && told.length === classes) return { labelCounts: told as number[], given: ["labelCounts"] };
  const targets = recoveredTargets(problem, batchSizeOf(problem));
  if ("reason" in targets) return targets;
  const { data } = targets.value;
  if (!data.every((value) => value === 0 || value === 1)) return { reason: "its labels are not one class a sample" };
  const labelCounts = new Array<number>(classes).fill(0);
  data.forEach((value, i) => {
    labelCounts[i % classes]! += value;
  });
  return { labelCounts, given: targets.given };
}

function applies(problem: Problem): Applicability {
  const parts = partsOf(problem);
  if ("reason" in parts) return parts;
  const [batch, classes] = [batchSizeOf(problem), parts.labelCounts.length];
  const features = sizeOf(parts.head.inputShape);
  if (Math.min(batch, features + 1) > classes - 1) {
    return { reason: `the errors of ${classes} classes span ${classes - 1} dimensions, too few for ${batch} samples` };
  }
  return true;
}

async function* run(problem: Problem, context: AttackContext): AsyncGenerator<Progress | Solution, void> {
  const { executor, rng, signal } = context;
  const parts = partsOf(problem);
  if ("reason" in parts) return;
  const { head, layers, labelCounts, given } = parts;
  const batch = batchSizeOf(problem);
  const { product, dispose } = executorProduct(executor);
  try {
    yield { kind: "progress", evaluations: 0, fraction: 0, objective: Number.NaN, message: "unmixing the head" };
    const unmixed = await unmixHead(
      {
        weight: matrixOf(head.weight),
        bias: head.bias.data,
        weightGradient: matrixOf(head.weightGradient),
        biasGradient: head.biasGradient.data,
      },
      {
        labelCounts,
        reduction: problem.knowledge.lossReduction === "sum" ? "sum" : "mean",
        precision: problem.observationPrecision,
        noiseStd: knownNoise(problem),
        rng: rng.split("unmixing"),
        product,
        signal,
      },
    );
    const { input, target, findings } = await followed(problem, layers, unmixed, batch, { product, signal });
    const { residual } = await fitOf(problem, executor, { input, target });
    yield {
      kind: "solution",
      value: { input, target },
      residual,
      given: [...new Set(["architecture", "weights", "lossKind", "lossReduction", "batchSize", ...given])],
      evaluations: 1,
      trace: [],
      ...conclude(problem, { residual, samples: batch, ...findings }),
    };
  } finally {
    await dispose();
  }
}

/** The data behind the unmixed features, and what may be claimed of it. */
async function followed(
  problem: Problem,
  layers: readonly RecursionLayer[],
  { value, reason }: ExactResult<UnmixedHead>,
  batch: number,
  options: Parameters<typeof inverseChain>[2],
): Promise<{ input: NdArray; target: NdArray; findings: Pick<Findings, "jacobian" | "ended" | "undetermined"> }> {
  const { model } = problem;
  const input = { shape: [batch, ...model.input.shape], data: new Float64Array(batch * sizeOf(model.input.shape)) };
  const target = { shape: [batch, ...model.target.shape], data: new Float64Array(batch * sizeOf(model.target.shape)) };
  if (value === undefined) return { input, target, findings: { ended: clause(reason) } };
  value.labels.forEach((label, i) => {
    target.data[(i * target.data.length) / batch + label] = 1;
  });
  const chain = await inverseChain(layers, value.features, options);
  if (chain.stopped !== undefined) {
    const ended = `the features of every sample were unmixed, but ${clause(chain.stopped)}`;
    return { input, target, findings: { ended } };
  }
  input.data.set(chain.inputs.data);
  if (value.ambiguous) return { input, target, findings: { ended: clause(reason) } };
  const { jacobian } = value;
  const rms = length(chain.inputs.data) / Math.sqrt(batch);
  return {
    input,
    target,
    findings: {
      ended: clause(reason),
      jacobian: {
        ...jacobian,
        rank: jacobian.rank === jacobian.unknowns && chain.gain > 0 ? input.data.length : input.data.length - 1,
        unknowns: input.data.length,
        smallestSingularValue: jacobian.smallestSingularValue * chain.gain,
        rms,
      },
    },
  };
}
