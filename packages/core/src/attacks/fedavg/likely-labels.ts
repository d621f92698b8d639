import type { NdArray } from "@recon/engine";
import { exchangedLabels, largestClasses, oneHotRows } from "./exchanged-labels.ts";

/**
 * One label a sample for a batch whose samples cannot be told apart yet, the best explanation of the update first: where changes of single labels end, and whatever one
 * more change away from it explains nearly as much. The order of the labels means nothing.
 *
 * @param shape [B, classes].
 * @param most how many at most.
 */
export async function likelyLabels(
  shape: NdArray["shape"],
  most: number,
  misfit: (target: NdArray) => Promise<number>,
): Promise<readonly NdArray[]> {
  const classes = shape.at(-1)!;
  const even = { shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)).fill(1 / classes) };
  const best = await exchangedLabels({ input: even, target: even }, { misfit: ({ target }) => misfit(target) });
  const own = largestClasses(best);
  const sets = new Map<string, readonly number[]>([[setOf(own), own]]);
  for (const i of own.keys()) {
    for (let k = 0; k < classes; k++) {
      const changed = own.with(i, k);
      if (!sets.has(setOf(changed))) sets.set(setOf(changed), changed);
    }
  }
  const ranked: { readonly target: NdArray; readonly misfit: number }[] = [];
  for (const set of sets.values()) {
    const target = oneHotRows(set, shape);
    ranked.push({ target, misfit: await misfit(target) });
  }
  return ranked
    .sort((a, b) => a.misfit - b.misfit)
    .slice(0, most)
    .map(({ target }) => target);
}

const setOf = (labels: readonly number[]): string => labels.toSorted((a, b) => a - b).join();
