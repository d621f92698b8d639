import type { Rng } from "@recon/core";
import type { Arrays } from "@recon/engine";

/** A linear map of an observation to a few numbers. */
export type GradientSketch = (observation: Arrays) => Float64Array;

/**
 * Sums of the entries of an observation with random signs, every entry in one of `size` sums, each array in units of its root mean square in an example: inner
 * products of observations are kept on the average.
 *
 * @see M. Charikar, K. Chen, M. Farach-Colton, "Finding frequent items in data streams", ICALP 2002.
 */
export function gradientSketch(example: Arrays, size: number, rng: Rng): GradientSketch {
  const parts = Object.entries(example).map(([name, { data }]) => {
    const random = rng.split(name);
    const places = Int32Array.from({ length: data.length }, () => random.integer(size));
    const signs = Float64Array.from({ length: data.length }, () => (random.integer(2) === 0 ? -1 : 1));
    let square = 0;
    for (const value of data) square += value * value;
    return { name, places, signs, scale: square > 0 ? Math.sqrt(data.length / square) : 0 };
  });
  return (observation) => {
    const sums = new Float64Array(size);
    for (const { name, places, signs, scale } of parts) {
      const { data } = observation[name]!;
      for (let i = 0; i < data.length; i++) sums[places[i]!]! += scale * signs[i]! * data[i]!;
    }
    return sums;
  };
}
