/** What follows every context, and how often: contexts ascend, and so do the symbols after each. */
export interface FollowerCounts {
  /** Numbers of the contexts. */
  readonly contexts: Float64Array;
  /** Where the followers of a context begin, [contexts + 1]. */
  readonly starts: Int32Array;
  readonly followers: Int32Array;
  readonly counts: Int32Array;
  /** Sums of the counts by context. */
  readonly totals: Float64Array;
}

/**
 * Counts numbers context · symbols + follower, as often as each occurs.
 *
 * @param grams any order; sorted in place.
 */
export function followerCounts(grams: Float64Array, symbols: number): FollowerCounts {
  grams.sort();
  const fresh = (i: number): boolean => i === 0 || grams[i] !== grams[i - 1];
  const contextOf = (i: number): number => Math.floor(grams[i]! / symbols);
  const freshContext = (i: number): boolean => i === 0 || contextOf(i) !== contextOf(i - 1);
  let [pairs, contextCount] = [0, 0];
  for (let i = 0; i < grams.length; i++) {
    if (fresh(i)) pairs++;
    if (freshContext(i)) contextCount++;
  }
  const contexts = new Float64Array(contextCount);
  const starts = new Int32Array(contextCount + 1);
  const totals = new Float64Array(contextCount);
  const followers = new Int32Array(pairs);
  const counts = new Int32Array(pairs);
  let [pair, place] = [-1, -1];
  for (let i = 0; i < grams.length; i++) {
    if (fresh(i)) followers[++pair] = grams[i]! % symbols;
    if (freshContext(i)) {
      contexts[++place] = contextOf(i);
      starts[place] = pair;
    }
    counts[pair]!++;
    totals[place]!++;
  }
  starts[contextCount] = pairs;
  return { contexts, starts, followers, counts, totals };
}

/** Place of a value in the ascending stretch [from, to) of a list, or −1. */
export function placeOf(
  sorted: Float64Array | Int32Array,
  value: number,
  from = 0,
  to: number = sorted.length,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low < to && sorted[low] === value ? low : -1;
}
