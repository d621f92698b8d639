import { type AttackContext, type Flag, fitOf, type Problem, type Solution, type TracePoint } from "@recon/core";
import { type NdArray, sizeOf } from "@recon/engine";
import type { ClassifiedNodes } from "./classified-nodes.ts";

/** What an attack on edges ends with. */
export interface RankedEdges {
  /** A score for every pair, [n, n]. */
  readonly scores: Float64Array;
  readonly given: readonly Flag[];
  readonly evaluations: number;
  readonly trace: readonly TracePoint[];
  readonly reason: string;
}

/** A ranking of pairs as a solution: scores stand in place of the adjacency, between 0 and 1, and nothing is certified. */
export async function rankedEdges(
  problem: Problem,
  { executor }: Pick<AttackContext, "executor">,
  { size, features }: ClassifiedNodes,
  { scores, given, evaluations, trace, reason }: RankedEdges,
): Promise<Solution> {
  const columns = features.shape[2]! + size;
  const data = new Float64Array(size * columns);
  const [low, high] = [scores.reduce((a, b) => Math.min(a, b)), scores.reduce((a, b) => Math.max(a, b))];
  for (let i = 0; i < size; i++) {
    data.set(features.data.subarray(i * features.shape[2]!, (i + 1) * features.shape[2]!), i * columns);
    for (let j = 0; j < size; j++) {
      const score = high > low ? (scores[i * size + j]! - low) / (high - low) : 0;
      data[i * columns + features.shape[2]! + j] = i === j ? 0 : score;
    }
  }
  const input: NdArray = { shape: [1, size, columns], data };
  const target = targetOf(problem);
  const { residual } = await fitOf(problem, executor, { input, target });
  return {
    kind: "solution",
    value: { input, target },
    residual,
    certificate: { level: "none", reason: "scores rank pairs of nodes, and no graph is claimed" },
    verdict: "budget spent",
    reason,
    given,
    evaluations,
    trace,
  };
}

/** Classes as they were told, else all equally probable. */
function targetOf({ model, knowledge }: Problem): NdArray {
  const { labels } = knowledge;
  if (typeof labels === "object" && labels !== null && "shape" in labels) return labels as NdArray;
  const shape = [1, ...model.target.shape];
  return { shape, data: new Float64Array(sizeOf(shape)).fill(1 / model.target.shape.at(-1)!) };
}
