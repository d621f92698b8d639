/**
 * The nearest adjacency [n, n] that is symmetric, without diagonal, with entries in [0, 1] and at most so many edges in total: min(1, max(0, a − μ)) with the least μ ≥ 0, by
 * bisection. In place.
 */
export function projectEdges(adjacency: Float64Array, size: number, edges: number): void {
  for (let a = 0; a < size; a++) {
    adjacency[a * size + a] = 0;
    for (let b = a + 1; b < size; b++) {
      adjacency[a * size + b] = adjacency[b * size + a] = (adjacency[a * size + b]! + adjacency[b * size + a]!) / 2;
    }
  }
  const clamped = (value: number, shift: number): number => Math.min(1, Math.max(0, value - shift));
  const total = (shift: number): number => {
    let sum = 0;
    for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) sum += clamped(adjacency[a * size + b]!, shift);
    return sum;
  };
  let shift = 0;
  if (total(0) > edges) {
    let [low, high] = [0, adjacency.reduce((most, value) => Math.max(most, value), 0)];
    for (let i = 0; i < 60; i++) {
      shift = (low + high) / 2;
      if (total(shift) > edges) low = shift;
      else high = shift;
    }
    shift = high;
  }
  for (let i = 0; i < adjacency.length; i++) adjacency[i] = i % (size + 1) === 0 ? 0 : clamped(adjacency[i]!, shift);
}
