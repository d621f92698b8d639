import type { DiscreteScorer, Rng } from "@recon/core";
import type { SequenceModel } from "./sequence-model.ts";

/** Scores sequences by a model of the next symbol, and draws them. */
export function sequenceScorer(model: SequenceModel): DiscreteScorer {
  const { size } = model;
  // The beginning stands before the first symbol, the end after the last.
  const at = (sequence: readonly number[], i: number): number => (i < 0 ? size + 1 : (sequence[i] ?? size));
  const logFactors = (sequence: readonly number[], from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i++)
      sum += Math.log(model.probability(at(sequence, i - 2), at(sequence, i - 1), at(sequence, i)));
    return sum;
  };
  return {
    size,
    logProbability: (symbols) => logFactors(symbols, 0, symbols.length + 1),
    next: (before) =>
      model.distribution(at(before, before.length - 2), at(before, before.length - 1)).subarray(0, size),
    change: (symbols, start, end, replacement) => {
      const changed = [...symbols.slice(0, start), ...replacement, ...symbols.slice(end)];
      // Factors after the place read symbols of it.
      const stop = Math.min(symbols.length + 1, end + model.order);
      const moved = changed.length - symbols.length;
      return logFactors(changed, start, stop + moved) - logFactors(symbols, start, stop);
    },
    sample: (shape, rng) => {
      const length = shape.at(-1) ?? 1;
      return { shape: [length], data: Float64Array.from(drawn(model, length, rng)) };
    },
  };
}

/** A sequence of exactly `length` symbols: none ends before, and the last is drawn with the end after it in view. */
function drawn(model: SequenceModel, length: number, rng: Rng): number[] {
  const { size } = model;
  const sequence: number[] = [];
  let [u, v] = [size + 1, size + 1];
  for (let i = 0; i < length; i++) {
    const p = model.distribution(u, v).subarray(0, size);
    if (i === length - 1) for (let w = 0; w < size; w++) p[w]! *= model.probability(v, w, size);
    [u, v] = [v, drawFrom(p, rng)];
    sequence.push(v);
  }
  return sequence;
}

/** A place with probability in proportion to its weight. */
function drawFrom(weights: Float64Array, rng: Rng): number {
  let left = rng.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  return weights.findLastIndex((weight) => weight > 0);
}
