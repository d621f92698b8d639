/** How tensors count, first to last: `equal` 1; `linear` (L − l) / L from 1 down to 1 / L; `softmax` e⁻ˡ, from 1 down. */
export type LayerWeighting = "equal" | "linear" | "softmax";

const rules: Readonly<Record<LayerWeighting, (index: number, count: number) => number>> = {
  equal: () => 1,
  linear: (index, count) => (count - index) / count,
  // softmax(L, L − 1, …, 1) divided by its first entry.
  softmax: (index) => Math.exp(-index),
};

/** Names of the rules. */
export const layerWeightings: readonly LayerWeighting[] = Object.keys(rules) as LayerWeighting[];

/** Weights of `count` tensors. */
export function layerWeights(weighting: LayerWeighting, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => rules[weighting](index, count));
}
