import type { NdArray } from "@recon/engine";
import { completedHead } from "../exact/recursion/completed-head.ts";
import { logisticErrors } from "../exact/recursion/logistic-head.ts";
import type { RecursionLayer } from "../exact/recursion/recursion.ts";
import type { Flag, Problem } from "../problem.ts";
import { givenTargets, recoveredTargets } from "./targets.ts";

/** What the recursion may start from: the chain with ∂ℓ/∂z of its head as the head's bias gradient, and the targets that come into question. */
export interface RecursionStart {
  readonly layers: readonly RecursionLayer[];
  readonly targets: readonly NdArray[];
}

/** All starts for one sample, with the knowledge they rest on; or why there is none. */
export type RecursionStarts =
  | { readonly starts: readonly RecursionStart[]; readonly given: readonly Flag[] }
  | { readonly reason: string };

/**
 * Where a recursion starts. A head with a bias gives ∂ℓ/∂z = db whatever the loss; one of a single output without a bias does under the logistic loss, up
 * to at most four candidates.
 */
export function recursionStarts(problem: Problem, layers: readonly RecursionLayer[]): RecursionStarts {
  const head = layers.at(-1)!;
  const targets = candidateTargets(problem);
  if ("reason" in targets) return targets;
  const { values, given } = targets;
  if (head.biasGradient !== undefined && (head.usable !== undefined || head.biasUsable !== undefined)) {
    const whole = completedHead(head, problem.model.lossKind === "cross-entropy");
    if (whole.value === undefined) return { reason: whole.reason.replace(/\.$/, "") };
    return { starts: [{ layers: [...layers.slice(0, -1), whole.value], targets: values }], given };
  }
  if (head.biasGradient !== undefined) return { starts: [{ layers, targets: values }], given };
  if (problem.model.lossKind !== "logistic" || head.weight.shape[0] !== 1) {
    return { reason: `the head ${head.name} has no bias, so the scale of its input is open` };
  }
  const found = logisticErrors(head.weight.data, head.weightGradient.data);
  if (found.value === undefined) return { reason: found.reason.replace(/\.$/, "") };
  const starts = found.value.map((k): RecursionStart => {
    const biasGradient = { shape: [1], data: Float64Array.of(k) };
    return { layers: [...layers.slice(0, -1), { ...head, biasGradient }], targets: values };
  });
  return { starts, given };
}

/** Targets as told, or all that one sample can have under the loss; under squared error a start from which `settledTarget` finds the one. */
function candidateTargets(
  problem: Problem,
): { readonly values: readonly NdArray[]; readonly given: readonly Flag[] } | { readonly reason: string } {
  const told = givenTargets(problem, 1);
  if ("value" in told) return { values: [told.value], given: told.given };
  const shape = [1, ...problem.model.target.shape];
  const size = shape.reduce((n, extent) => n * extent, 1);
  const filled = (value: number): NdArray => ({ shape, data: new Float64Array(size).fill(value) });
  const { lossKind } = problem.model;
  if (lossKind === "mean-squared-error") return { values: [filled(0)], given: ["lossKind"] };
  // Some write the two classes as ±1, others as 0 and 1.
  if (lossKind === "logistic" && size === 1) return { values: [1, 0, -1].map(filled), given: ["lossKind"] };
  const recovered = recoveredTargets(problem, 1);
  return "reason" in recovered ? recovered : { values: [recovered.value], given: recovered.given };
}
