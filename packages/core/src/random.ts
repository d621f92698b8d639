import { ReconError } from "./errors.ts";

/** A seeded stream of random numbers. Streams are split by name, so that adding a consumer never shifts another's numbers. */
export interface Rng {
  /** An independent stream for `name`; equal parents and names give equal streams, whatever was drawn before. */
  split(name: string): Rng;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** A uniformly random order of 0 … n−1. */
  permutation(n: number): number[];
}

/** 128 bits that name a stream: the hash of its seed and of the names it was split by. */
type Key = readonly [number, number, number, number];

/**
 * A stream for a seed: xoshiro128** on a state that is the 128-bit hash of the seed and of every name on the way (`split`).
 *
 * Equal seeds give equal numbers on every machine with the same runtime; `1` and `"1"` are different seeds.
 *
 * @throws ReconError `bad-seed` when a numeric seed is not finite.
 * @see D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021), xoshiro128**.
 */
export function rng(seed: number | string): Rng {
  if (typeof seed === "number" && !Number.isFinite(seed)) {
    throw new ReconError("bad-seed", `The seed is ${seed}. Give a finite number or a string.`);
  }
  return stream(derive([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], `${typeof seed}:${seed}`));
}

const TWO_POW_53 = 2 ** 53;

function stream(key: Key): Rng {
  let [s0, s1, s2, s3] = key;
  let spare: number | undefined;

  const next32 = (): number => {
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result >>> 0;
  };
  const next53 = (): number => (next32() >>> 5) * 67108864 + (next32() >>> 6);
  const uniform = (): number => next53() / TWO_POW_53;

  // Marsaglia's polar method: two normals from one accepted point of the unit disc, the second kept for the next call.
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const r = u * u + v * v;
      if (r > 0 && r < 1) {
        const factor = Math.sqrt((-2 * Math.log(r)) / r);
        spare = v * factor;
        return u * factor;
      }
    }
  };

  const integer = (n: number): number => {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new ReconError("bad-range", `integer(n) needs a positive whole number, and n is ${n}.`);
    }
    // Values above the largest multiple of n would favour small remainders; they are drawn again.
    const limit = TWO_POW_53 - (TWO_POW_53 % n);
    for (;;) {
      const draw = next53();
      if (draw < limit) return draw % n;
    }
  };

  const permutation = (n: number): number[] => {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = integer(i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  };

  return { split: (name) => stream(derive(key, name)), uniform, normal, integer, permutation };
}

/** The key of a child stream: four lanes absorb the parent's key, then the name's bytes and length, and are mixed until every bit depends on every other. */
function derive(parent: Key, name: string): Key {
  const lanes: [number, number, number, number] = [parent[0], parent[1], parent[2], parent[3]];
  const bytes = new TextEncoder().encode(name);
  for (const byte of bytes) absorb(lanes, byte);
  absorb(lanes, bytes.length | 0x40000000);
  for (let round = 0; round < 4; round++) absorb(lanes, 0x9e3779b9 + round);
  const [a, b, c, d] = lanes;
  // xoshiro must not start from all zeros.
  return (a | b | c | d) === 0 ? [1, 0, 0, 0] : lanes;
}

/** One round over the four lanes: each takes the word and its neighbour, is multiplied by its own odd constant and avalanched. */
function absorb(lanes: [number, number, number, number], word: number): void {
  lanes[0] = avalanche(Math.imul(lanes[0] ^ word, 0x2c1b3c6d) + lanes[3]);
  lanes[1] = avalanche(Math.imul(lanes[1] ^ lanes[0], 0x297a2d39) + 0x5851f42d);
  lanes[2] = avalanche(Math.imul(lanes[2] ^ lanes[1], 0x1b56c4e9) + 0x14057b7e);
  lanes[3] = avalanche(Math.imul(lanes[3] ^ lanes[2], 0x7feb352d) + 0x632be5ab);
}

/** A bijection of 32 bits in which a flipped input bit flips about half of the output's. */
function avalanche(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
