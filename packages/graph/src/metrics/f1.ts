/** F1 = 2 hits / (said + actual): the harmonic mean of precision and recall; 1 where nothing was said of nothing. */
export function f1(hits: number, said: number, actual: number): number {
  return said + actual === 0 ? 1 : (2 * hits) / (said + actual);
}
