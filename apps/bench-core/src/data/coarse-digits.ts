import { cholesky, correlatedGaussian, type GaussianPrior, matrix, plainProduct } from "@recon/core";
import { digits } from "@recon/vision";

/** Side of a coarse digit: means over 4 × 4 squares of the 28 × 28 ones. */
const side = 7;

/** Entries of a coarse digit. */
export const coarseSize: number = side * side;

/** MNIST digits as 49 numbers, those of the given places in the source. */
export async function coarseDigits(from: number, count: number): Promise<readonly Float64Array[]> {
  const data = await digits().open();
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { input } = await data.item((from + i) % data.size);
      const result = new Float64Array(coarseSize);
      input.data.forEach((value, at) => {
        const [row, column] = [Math.floor(at / 28), at % 28];
        result[Math.floor(row / 4) * side + Math.floor(column / 4)]! += value / 16;
      });
      return result;
    }),
  );
}

/** Mean and covariance of some digits, with a thousandth of its mean diagonal added: entries that never vary among these may vary among others. */
export async function priorOfDigits(sample: readonly Float64Array[]): Promise<GaussianPrior> {
  const n = coarseSize;
  const mean = Float64Array.from(
    { length: n },
    (_, i) => sample.reduce((total, x) => total + x[i]!, 0) / sample.length,
  );
  const covariance = matrix(n, n);
  for (const x of sample) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        covariance.data[i * n + j]! += ((x[i]! - mean[i]!) * (x[j]! - mean[j]!)) / (sample.length - 1);
      }
    }
  }
  const middle = covariance.data.reduce((total, value, at) => total + (at % (n + 1) === 0 ? value / n : 0), 0);
  for (let i = 0; i < n; i++) covariance.data[i * (n + 1)]! += 1e-3 * middle;
  return correlatedGaussian({ mean, factor: await cholesky(covariance, { product: plainProduct }) });
}
