import { ReconError } from "@recon/core";
import { type FollowerCounts, followerCounts, placeOf } from "./n-gram-counts.ts";
import type { SequenceModel } from "./sequence-model.ts";

/** Subtracted from every count. */
const discount = 0.75;

/** A model of sequences that knows which triples occurred. */
export interface KneserNey extends SequenceModel {
  /** Different triples that occurred. */
  readonly trigrams: number;
}

/**
 * Interpolated Kneser-Ney trigrams of sequences of symbols, with one discount d = .75.
 *
 *     p₃(w|uv) = (c(uvw) − d)⁺ / c(uv·) + d N(uv·) / c(uv·) · p₂(w|v)
 *     p₂(w|v)  = (N(·vw) − d)⁺ / N(·v·) + d N(v·) / N(·v·) · p₁(w)
 *     p₁(w)    = (N(·w) − d)⁺ / N(··) + d N₊ / N(··) / (size + 1)
 *
 * c counts occurrences; N counts different predecessors or followers, and N₊ the symbols that occur. After the beginning of a sequence p₂ takes occurrences, for
 * nothing precedes a beginning, and p₃ is p₂. A context that never occurred leaves the probabilities of the shorter one as they are.
 *
 * @throws ReconError `bad-range` above 200 000 symbols, whose triples have no exact number, and for a symbol that is none.
 * @see R. Kneser, H. Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; S. F. Chen, J. Goodman, "An empirical study of smoothing
 * techniques for language modeling", 1998, section 2.7.
 */
export function kneserNey(sequences: readonly ArrayLike<number>[], size: number): KneserNey {
  if (size > 200_000) throw new ReconError("bad-range", `kneserNey: ${size} symbols are too many; 200000 at most.`);
  const begin = size + 1;
  const symbols = size + 2;
  const three = followerCounts(triplesOf(sequences, size), symbols);
  const two = followerCounts(pairsOf(three, sequences, size), symbols);
  const one = singles(two, size);
  const after = (u: number, v: number): readonly [number, number] => [
    placeOf(two.contexts, v),
    v === begin ? -1 : placeOf(three.contexts, v * symbols + u),
  ];
  return {
    size,
    order: 2,
    trigrams: three.followers.length,
    probability: (u, v, w) => {
      const [pair, triple] = after(u, v);
      return share(three, triple, w, share(two, pair, w, one[w]!));
    },
    distribution: (u, v) => {
      const [pair, triple] = after(u, v);
      const p = one.slice();
      mix(two, pair, p);
      mix(three, triple, p);
      return p;
    },
  };
}

/** Triples u, v, w as (v · symbols + u) · symbols + w, so that those of one v lie together; the beginning may be u, the end may be w. */
function triplesOf(sequences: readonly ArrayLike<number>[], size: number): Float64Array {
  const symbols = size + 2;
  const triples = new Float64Array(sequences.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const sequence of sequences) {
    let [u, v] = [size + 1, sequence[0] ?? size];
    for (let i = 0; i < sequence.length; i++) {
      if (!(Number.isInteger(v) && v >= 0 && v < size)) throw notASymbol(v, size);
      const w = sequence[i + 1] ?? size;
      triples[filled++] = (v * symbols + u) * symbols + w;
      [u, v] = [v, w];
    }
  }
  return triples;
}

/** Pairs v, w once for every different u before them, and those after a beginning as often as they occur. */
function pairsOf(triples: FollowerCounts, sequences: readonly ArrayLike<number>[], size: number): Float64Array {
  const symbols = size + 2;
  const pairs = new Float64Array(triples.followers.length + sequences.length);
  triples.contexts.forEach((context, place) => {
    const v = Math.floor(context / symbols);
    for (let i = triples.starts[place]!; i < triples.starts[place + 1]!; i++)
      pairs[i] = v * symbols + triples.followers[i]!;
  });
  sequences.forEach((sequence, i) => {
    pairs[triples.followers.length + i] = (size + 1) * symbols + (sequence[0] ?? size);
  });
  return pairs;
}

/** p₁ from the numbers of different predecessors. */
function singles({ followers }: FollowerCounts, size: number): Float64Array {
  const counts = new Float64Array(size + 1);
  for (const w of followers) counts[w]!++;
  const total = followers.length;
  if (total === 0) return counts.fill(1 / (size + 1));
  const rest = (discount * counts.filter((count) => count > 0).length) / total / (size + 1);
  return counts.map((count) => Math.max(0, count - discount) / total + rest);
}

/** The probability of w after the context at a place: its discounted share, and the rest by the shorter context's. */
function share(of: FollowerCounts, place: number, w: number, shorter: number): number {
  if (place < 0) return shorter;
  const [from, to, total] = [of.starts[place]!, of.starts[place + 1]!, of.totals[place]!];
  const found = placeOf(of.followers, w, from, to);
  const own = found < 0 ? 0 : of.counts[found]! - discount;
  return (own + discount * (to - from) * shorter) / total;
}

/** The same for all symbols: turns the shorter context's probabilities into the longer one's. */
function mix(of: FollowerCounts, place: number, p: Float64Array): void {
  if (place < 0) return;
  const [from, to, total] = [of.starts[place]!, of.starts[place + 1]!, of.totals[place]!];
  const rest = (discount * (to - from)) / total;
  for (let w = 0; w < p.length; w++) p[w]! *= rest;
  for (let i = from; i < to; i++) p[of.followers[i]!]! += (of.counts[i]! - discount) / total;
}

function notASymbol(symbol: number, size: number): ReconError {
  return new ReconError("bad-range", `kneserNey: ${symbol} is not a symbol; they are 0 to ${size - 1}.`);
}
