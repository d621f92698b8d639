import type { LocalTraining } from "../../problem.ts";

/** Orders of more samples than this are not all tried. */
const mostSamples = 5;

/** Orders of a batch that the schedule tells apart: one where every step takes all samples; beyond five samples, the given one. */
export function arrangements({ steps }: LocalTraining, batch: number): readonly (readonly number[])[] {
  const asTheyAre = Array.from({ length: batch }, (_, i) => i);
  if (steps.every(({ places }) => places.length === batch) || batch > mostSamples) return [asTheyAre];
  const seen = new Set<string>();
  return permutations(asTheyAre).filter((order) => {
    const told = steps.map(({ places }) => [...places.map((place) => order[place]!)].sort().join()).join(" | ");
    return seen.has(told) ? false : seen.add(told);
  });
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
