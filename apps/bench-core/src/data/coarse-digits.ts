import { cholesky, correlatedGaussian, type GaussianPrior, matrix, plainProduct } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { digits } from "@recon/vision";

/** Side of a digit, and of the coarse one whose entries are means over squares of it. */
const [whole, side] = [28, 14];
const square = whole / side;

/** Entries of a coarse digit. */
export const coarseSize: number = side * side;

/** One source for all calls: it parses each of its files once. */
const source = digits();

/** MNIST digits as 196 numbers, those of the given places in the source, divided by the root mean square of the norms of the first thousand. */
export async function coarseDigits(from: number, count: number): Promise<readonly Float64Array[]> {
  const data = await source.open();
  const digit = async (place: number): Promise<Float64Array> => coarse((await data.item(place % data.size)).input);
  const norms = await Promise.all(Array.from({ length: 1000 }, async (_, i) => squaredNorm(await digit(i))));
  const size = Math.sqrt(norms.reduce((total, value) => total + value / norms.length, 0));
  return Promise.all(
    Array.from({ length: count }, async (_, i) => (await digit(from + i)).map((value) => value / size)),
  );
}

function squaredNorm(x: Float64Array): number {
  return x.reduce((total, value) => total + value * value, 0);
}

function coarse({ data }: NdArray): Float64Array {
  const result = new Float64Array(coarseSize);
  data.forEach((value, at) => {
    const [row, column] = [Math.floor(at / whole), at % whole];
    result[Math.floor(row / square) * side + Math.floor(column / square)]! += value / square ** 2;
  });
  return result;
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
