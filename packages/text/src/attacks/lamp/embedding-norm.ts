import type { EnergyPrior } from "@recon/core";
import { add, constant, div, mul, sqrt, square, sub, sum } from "@recon/engine";

/** Keeps the derivative of |x| finite at 0. */
const tiny = 1e-12;

/**
 * The penalty c (mean |x| / m − 1)² on the sizes of embeddings x [B, T, H] at the places of the batch's texts, m being the mean size of the victim's own.
 *
 * @param weight c
 * @param lengths of the texts; places behind their ends do not count.
 * @see Balunović et al., "LAMP", NeurIPS 2022, eq. 5, where m is that of one published model and the difference is not divided by it.
 */
export function embeddingNorm(weight: number, meanNorm: number, lengths: readonly number[]): EnergyPrior {
  const count = lengths.reduce((total, length) => total + length, 0);
  return {
    kind: "energy",
    name: "embedding-norm",
    options: { weight, meanNorm },
    energy: (x) => {
      const [batch, places] = x.shape as [number, number, number];
      const counted = Float64Array.from({ length: batch * places }, (_, i) =>
        i % places < lengths[Math.floor(i / places)]! ? 1 / count : 0,
      );
      // Sizes in units of m, so that the least one stays representable in float32 whatever the scale of the table.
      const sizes = sqrt(add(sum(square(div(x, meanNorm)), [2]), tiny));
      const mean = sum(mul(sizes, constant(counted, [batch, places])));
      return mul(square(sub(mean, 1)), weight);
    },
  };
}
