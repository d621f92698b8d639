import type { NdArray } from "@recon/engine";
import type { Batch, UnrolledFitter } from "./unrolled-fit.ts";

/**
 * One label a sample, where least squares over real targets ended in a false minimum: from the largest of each sample's targets, whichever change of a single label
 * explains the update best, for as long as one explains it better.
 *
 * B classes evaluations a change; none after `exhausted`.
 */
export async function exchangedLabels(
  { input, target }: Batch,
  fitter: Pick<UnrolledFitter, "misfit"> & Partial<Pick<UnrolledFitter, "exhausted">>,
): Promise<NdArray> {
  const classes = target.shape.at(-1)!;
  let best = { labels: largestClasses(target), misfit: Number.POSITIVE_INFINITY };
  if (fitter.exhausted?.()) return oneHotRows(best.labels, target.shape);
  best.misfit = await fitter.misfit({ input, target: oneHotRows(best.labels, target.shape) });
  for (let improved = true; improved; ) {
    improved = false;
    const { labels } = best;
    for (const [i, own] of labels.entries()) {
      for (let k = 0; k < classes; k++) {
        if (fitter.exhausted?.()) return oneHotRows(best.labels, target.shape);
        if (k === own) continue;
        const changed = labels.with(i, k);
        const misfit = await fitter.misfit({ input, target: oneHotRows(changed, target.shape) });
        if (misfit < best.misfit) {
          best = { labels: changed, misfit };
          improved = true;
        }
      }
    }
  }
  return oneHotRows(best.labels, target.shape);
}

/** Where the largest entry of every row is. */
export function largestClasses({ shape, data }: NdArray): number[] {
  const classes = shape.at(-1)!;
  return Array.from({ length: data.length / classes }, (_, i) => {
    const row = Array.from(data.subarray(i * classes, (i + 1) * classes));
    return row.indexOf(Math.max(...row));
  });
}

/** 1 at the class of every row, 0 elsewhere. */
export function oneHotRows(labels: readonly number[], shape: NdArray["shape"]): NdArray {
  const classes = shape.at(-1)!;
  const data = new Float64Array(labels.length * classes);
  labels.forEach((k, i) => {
    data[i * classes + k] = 1;
  });
  return { shape, data };
}
