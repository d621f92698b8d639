/** Anchors of a black-violet-orange-yellow map whose lightness grows evenly, so that twice as bright reads as more. */
const anchors: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [27, 12, 65],
  [74, 12, 107],
  [120, 28, 109],
  [165, 44, 96],
  [207, 68, 70],
  [237, 105, 37],
  [251, 155, 6],
  [247, 209, 61],
  [252, 255, 164],
];

/** Red, green and blue (0 to 255) for a value on [0, 1]; values outside are limited. Black is 0. @see "inferno", S. van der Walt, N. Smith (CC0). */
export function heatColour(value: number): [number, number, number] {
  const position = Math.min(Math.max(Number.isFinite(value) ? value : 1, 0), 1) * (anchors.length - 1);
  const index = Math.min(Math.floor(position), anchors.length - 2);
  const [low, high] = [anchors[index]!, anchors[index + 1]!];
  const between = (i: 0 | 1 | 2): number => Math.round(low[i] + (high[i] - low[i]) * (position - index));
  return [between(0), between(1), between(2)];
}
