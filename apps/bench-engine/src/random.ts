/**
 * A stream of uniform numbers in (0, 1). Equal seeds give equal numbers.
 *
 * A counter, hashed in 32 bits (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
 */
export function uniformStream(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (((z ^ (z >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** A stream of standard normal numbers by Box and Muller. Equal seeds give equal numbers. */
export function normalStream(seed: number): () => number {
  const uniform = uniformStream(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
