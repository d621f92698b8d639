import type { Rng } from "@recon/core";

/** A permutation: place i of the new order holds what place order[i] of the old one held. */
export type Order = readonly number[];

/**
 * Candidates for the order of n tokens, in turn: two tokens swapped, one token moved, a span of tokens moved, the beginning put to the end.
 *
 * @returns `count` orders, none for fewer than two tokens; some may be the identity.
 * @see Balunović et al., "LAMP: extracting text from gradients with language model priors", NeurIPS 2022, section 4.3.
 */
export function candidateOrders(n: number, count: number, rng: Rng): Order[] {
  if (n < 2) return [];
  const kinds = [swapTwo, moveOne, moveSpan, beginningToEnd];
  return Array.from({ length: count }, (_, i) => kinds[i % kinds.length]!(n, rng));
}

function swapTwo(n: number, rng: Rng): Order {
  const [i, j] = [rng.integer(n), rng.integer(n)];
  return identity(n).map((k) => (k === i ? j : k === j ? i : k));
}

function moveOne(n: number, rng: Rng): Order {
  return moved(n, rng.integer(n), 1, rng);
}

function moveSpan(n: number, rng: Rng): Order {
  const from = rng.integer(n);
  return moved(n, from, 1 + rng.integer(n - from), rng);
}

function beginningToEnd(n: number, rng: Rng): Order {
  const cut = 1 + rng.integer(n - 1);
  return [...identity(n).slice(cut), ...identity(n).slice(0, cut)];
}

/** `size` tokens from place `from` on, put between others. */
function moved(n: number, from: number, size: number, rng: Rng): Order {
  const order = identity(n);
  const span = order.splice(from, size);
  order.splice(rng.integer(order.length + 1), 0, ...span);
  return order;
}

const identity = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
