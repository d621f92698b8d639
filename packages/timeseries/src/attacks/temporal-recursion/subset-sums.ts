/** More than this many answers say nothing. */
const mostAnswers = 4096;
/** Each half of the items is listed whole. */
const mostItems = 32;

/**
 * Which of the items add up to `total`, to within `tolerance`: every such subset, as bits in the order of the items, by listing the sums of both halves.
 *
 * @returns undefined where there are too many items to list, or more than 4 096 answers.
 * @see E. Horowitz, S. Sahni, "Computing partitions with applications to the knapsack problem", J. ACM 21 (1974).
 */
export function subsetSums(items: readonly number[], total: number, tolerance: number): boolean[][] | undefined {
  if (items.length > mostItems) return undefined;
  const half = Math.floor(items.length / 2);
  const [left, right] = [items.slice(0, half), items.slice(half)];
  const sums = sumsOf(left);
  const order = Uint32Array.from(sums.keys()).sort((a, b) => sums[a]! - sums[b]!);
  const answers: boolean[][] = [];
  const others = sumsOf(right);
  for (let bits = 0; bits < others.length; bits++) {
    const wanted = total - others[bits]!;
    for (let at = firstAtLeast(sums, order, wanted - tolerance); at < order.length; at++) {
      const place = order[at]!;
      if (sums[place]! > wanted + tolerance) break;
      if (answers.length === mostAnswers) return undefined;
      answers.push([...bitsOf(place, left.length), ...bitsOf(bits, right.length)]);
    }
  }
  return answers;
}

/** The sum of every subset; bit i of the place says whether item i is in it. */
function sumsOf(items: readonly number[]): Float64Array {
  const sums = new Float64Array(2 ** items.length);
  items.forEach((item, i) => {
    const size = 2 ** i;
    for (let place = 0; place < size; place++) sums[size + place] = sums[place]! + item;
  });
  return sums;
}

const bitsOf = (place: number, count: number): boolean[] =>
  Array.from({ length: count }, (_, i) => Math.floor(place / 2 ** i) % 2 === 1);

function firstAtLeast(sums: Float64Array, order: Uint32Array, value: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[order[middle]!]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
