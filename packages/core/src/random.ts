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
