import type { NdArray } from "@recon/engine";
import type { Flag, Problem } from "../problem.ts";
import { givenTargets, recoveredTargets } from "./targets.ts";

/** Targets of a batch to try one after another, and what they rest on. */
export interface TargetCandidates {
  readonly targets: readonly NdArray[];
  readonly given: readonly Flag[];
}

/**
 * Targets as told; or real ones read off the head; or rows for the told numbers of samples of every class; or for the numbers that the head's bias gradient shows and, where the net already
 * decides and the numbers may be off, for those with one sample in another class. Rows are in the order of the classes.
 */
export function targetCandidates(problem: Problem, batch: number): TargetCandidates | { readonly reason: string } {
  const told = givenTargets(problem, batch);
  if ("value" in told) {
    if (told.value.shape[0] === batch) return { targets: [told.value], given: told.given };
    return { reason: `${told.value.shape[0]} labels were told for ${batch} samples` };
  }
  const classes = problem.model.target.shape.at(-1)!;
  const { labelCounts } = problem.knowledge;
  if (Array.isArray(labelCounts))
    return { targets: [rowsOf(labelCounts as number[], classes)], given: ["labelCounts"] };
  const read = recoveredTargets(problem, batch);
  if ("reason" in read) return read;
  if (problem.model.target.kind === "real") return { targets: [read.value], given: read.given };
  const counts = new Array<number>(classes).fill(0);
  read.value.data.forEach((value, at) => {
    counts[at % classes]! += Math.round(value);
  });
  const others = counts.flatMap((_, from) =>
    counts.flatMap((_, to) =>
      from === to || counts[from] === 0 ? [] : [counts.map((n, k) => n - Number(k === from) + Number(k === to))],
    ),
  );
  const most = 7;
  return { targets: [counts, ...others].slice(0, most).map((one) => rowsOf(one, classes)), given: read.given };
}

function rowsOf(counts: readonly number[], classes: number): NdArray {
  const labels = counts.flatMap((count, k) => new Array<number>(count).fill(k));
  const data = new Float64Array(labels.length * classes);
  labels.forEach((k, i) => {
    data[i * classes + k] = 1;
  });
  return { shape: [labels.length, classes], data };
}
