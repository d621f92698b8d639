import type { Layer, NdArray } from "@recon/engine";
import { labelCounts } from "../exact/label-counts.ts";
import type { Flag, Problem } from "../problem.ts";
import { headTarget } from "./head-target.ts";
import { traceModel } from "./model-layers.ts";
import { oneGradient } from "./one-gradient.ts";

/** Targets settled before the search, with the knowledge they rest on; or why they cannot be. */
export type Targets = { readonly value: NdArray; readonly given: readonly Flag[] } | { readonly reason: string };
export type TargetEstimate = (problem: Problem, batch: number) => Targets;

/** The batch size the attacker is told. Attacks that call this list `batchSize` among their needs. */
export function batchSizeOf(problem: Problem): number {
  return problem.knowledge.batchSize as number;
}

/** Labels as told; refuses when they are not. */
export const givenTargets: TargetEstimate = (problem) => {
  const labels = problem.knowledge.labels;
  if (labels === undefined || labels === null || typeof labels !== "object" || !("shape" in labels)) {
    return { reason: "it needs to be told labels" };
  }
  return { value: labels as NdArray, given: ["labels"] };
};

/**
 * Targets as told, or else read off the head: under softmax cross-entropy labels from its bias gradient, dc = mean p − counts / B; under squared error the real
 * target of one sample, `headTarget`.
 *
 * Labels are exact for one sample, where the label is the only negative entry; with noise, the most negative one. Off an update only where it is one gradient.
 */
export const recoveredTargets: TargetEstimate = (problem, batch) => {
  const told = givenTargets(problem, batch);
  if ("value" in told) return told;
  const one = oneGradient(problem);
  return "seen" in one ? readTargets(one.seen, batch) : one;
};

function readTargets(problem: Problem, batch: number): Targets {
  const { lossKind } = problem.model;
  if (lossKind === "mean-squared-error") {
    if (batch === 1) return headTarget(problem);
    return { reason: `the head's gradient sums the errors of ${batch} samples, so their targets are open` };
  }
  if (lossKind !== "cross-entropy")
    return { reason: "targets can be read off only under cross-entropy or squared error" };
  const head = traceModel(problem.model).layers.at(-1);
  const bias = head === undefined ? undefined : biasGradient(problem, head);
  if (bias === undefined) return { reason: "the head has no bias gradient to read the labels off" };
  if (batch === 1) {
    const k = bias.indexOf(Math.min(...bias));
    return { value: oneHot([k], bias.length), given: ["lossKind"] };
  }
  const counts = labelCounts(bias, { batchSize: batch });
  if (counts.value === undefined) return { reason: counts.reason };
  const labels = Array.from(counts.value).flatMap((count, k) => new Array<number>(count).fill(k));
  return { value: oneHot(labels, bias.length), given: ["lossKind", "lossReduction"] };
}

function biasGradient(problem: Problem, head: Layer): number[] | undefined {
  const gradient = head.bias === undefined ? undefined : problem.observation[head.bias];
  return gradient === undefined ? undefined : Array.from(gradient.data);
}

function oneHot(labels: readonly number[], classes: number): NdArray {
  const data = new Float64Array(labels.length * classes);
  labels.forEach((k, i) => {
    data[i * classes + k] = 1;
  });
  return { shape: [labels.length, classes], data };
}
