/** Place of the smallest value; the first of equals. */
export function smallestPlace(values: ArrayLike<number>): number {
  let place = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[place]!) place = i;
  return place;
}

/**
 * Labels of a batch from one score a class that falls by about `impact` (below 0) with every sample of the class.
 *
 * First every class with a negative score once, the most negative first; then, until there are `batch`, the class with the smallest score. Each
 * label taken lifts its own class's score by |impact|. Sorted.
 */
export function drawDown(scores: Float64Array, impact: number, batch: number): number[] {
  const left = Float64Array.from(scores);
  const negative = Array.from(left.keys())
    .filter((label) => left[label]! < 0)
    .sort((a, b) => left[a]! - left[b]!);
  const labels: number[] = [];
  const take = (label: number): void => {
    labels.push(label);
    left[label]! -= impact;
  };
  for (const label of negative.slice(0, batch)) take(label);
  while (labels.length < batch) take(smallestPlace(left));
  return labels.sort((a, b) => a - b);
}
