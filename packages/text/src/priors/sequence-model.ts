/** Probabilities of the next symbol given the two before it. Symbols are 0 … size − 1; `size` is the end of a sequence, `size` + 1 its beginning. */
export interface SequenceModel {
  readonly size: number;
  /** How many symbols before it the next one depends on. */
  readonly order: 0 | 2;
  /** p(w | u, v); where v is the beginning, u does not matter. */
  probability(u: number, v: number, w: number): number;
  /** p(· | u, v) of all symbols and of the end, [size + 1]. */
  distribution(u: number, v: number): Float64Array;
}

/** All symbols and the end are equally probable. */
export function uniformModel(size: number): SequenceModel {
  return independent(new Float64Array(size + 1).fill(1 / (size + 1)));
}

/** Every symbol by how often it occurs, whatever stands before it; one that does not occur counts as half an occurrence. */
export function unigramModel(sequences: readonly ArrayLike<number>[], size: number): SequenceModel {
  const counts = new Float64Array(size + 1).fill(0.5);
  for (const sequence of sequences) {
    for (let i = 0; i <= sequence.length; i++) counts[sequence[i] ?? size]!++;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return independent(counts.map((count) => count / total));
}

function independent(p: Float64Array): SequenceModel {
  return { size: p.length - 1, order: 0, probability: (_u, _v, w) => p[w]!, distribution: () => p.slice() };
}
