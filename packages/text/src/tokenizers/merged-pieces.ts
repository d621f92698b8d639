/** A word as it is divided at present, and how often it occurs. */
interface Word {
  pieces: string[];
  readonly count: number;
}

const separator = "\u0000";

/**
 * Pieces learnt by merging: the characters of the words, the most frequent first, then one piece for every merge of the most frequent pair of neighbours.
 *
 * Characters within a word, and pieces that begin with one, carry `##`. A merge touches only the words that hold its pair.
 *
 * @param words how often each occurs.
 * @param most pieces that are wanted; there are fewer when every word is one piece.
 */
export function mergedPieces(words: ReadonlyMap<string, number>, most: number): readonly string[] {
  const divided: readonly Word[] = Array.from(words, ([word, count]) => ({
    pieces: Array.from(word, (character, i) => (i === 0 ? character : `##${character}`)),
    count,
  }));
  const characters = new Map<string, number>();
  for (const { pieces, count } of divided) for (const piece of pieces) bump(characters, piece, count);
  const found = new Set(mostFrequentFirst(characters).slice(0, most));
  const usable = divided.filter(({ pieces }) => pieces.every((piece) => found.has(piece)));
  const pairs = new Map<string, number>();
  const holders = new Map<string, Set<Word>>();
  for (const word of usable) count(word, 1, pairs, holders);
  while (found.size < most) {
    const pair = mostFrequent(pairs);
    if (pair === undefined) break;
    const [left, right] = pair.split(separator) as [string, string];
    const merged = left + right.slice(2);
    for (const word of [...holders.get(pair)!]) {
      count(word, -1, pairs, holders);
      word.pieces = withMerged(word.pieces, left, right, merged);
      count(word, 1, pairs, holders);
    }
    found.add(merged);
  }
  return [...found];
}

/** Adds the pairs of a word to the counts, or takes them away. */
function count(word: Word, sign: 1 | -1, pairs: Map<string, number>, holders: Map<string, Set<Word>>): void {
  for (let i = 1; i < word.pieces.length; i++) {
    const pair = word.pieces[i - 1]! + separator + word.pieces[i]!;
    bump(pairs, pair, sign * word.count);
    let holding = holders.get(pair);
    if (holding === undefined) {
      holding = new Set();
      holders.set(pair, holding);
    }
    if (sign > 0) holding.add(word);
    else holding.delete(word);
  }
}

function withMerged(pieces: readonly string[], left: string, right: string, merged: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) {
      result.push(merged);
      i++;
    } else {
      result.push(pieces[i]!);
    }
  }
  return result;
}

/** Adds to a count; what is at zero is forgotten. */
function bump(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}

function mostFrequent(counts: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [key, value] of counts) {
    if (value > most || (value === most && best !== undefined && key < best)) {
      best = key;
      most = value;
    }
  }
  return best;
}

function mostFrequentFirst(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
}
