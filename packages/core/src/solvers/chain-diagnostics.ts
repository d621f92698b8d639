/** Whether several chains of draws tell the same story, and how many independent draws they are worth. */
import { ReconError } from "../errors.ts";

/** Chains of equal length of one number. */
export type ScalarChains = readonly (readonly number[])[];

/**
 * Split R̂ = √( ((n − 1)/n W + B/n) / W ): every chain is cut in half, and the variance between the halves' means is compared with that within. 1 where all agree;
 * above about 1.05 the chains have not seen the same distribution.
 *
 * @returns NaN where no half varies.
 * @throws ReconError `too-few-draws` for fewer than four draws a chain.
 * @see A. Gelman et al., "Bayesian Data Analysis", third edition, 2013, section 11.4.
 */
export function splitRHat(chains: ScalarChains): number {
  const halves = halved(chains);
  const n = halves[0]!.length;
  const { within, between } = variances(halves);
  return within === 0
    ? between === 0
      ? Number.NaN
      : Number.POSITIVE_INFINITY
    : Math.sqrt((((n - 1) / n) * within + between / n) / within);
}

/**
 * The number of independent draws with the same error of the mean: m n / (1 + 2 Σ ρ_t), with the autocorrelations ρ_t of the half chains summed in pairs as
 * long as the pairs are positive, and made to fall.
 *
 * @throws ReconError `too-few-draws` for fewer than four draws a chain.
 * @see C. J. Geyer, "Practical Markov Chain Monte Carlo", Statistical Science 7 (1992), the initial monotone sequence.
 */
export function effectiveSamples(chains: ScalarChains): number {
  const halves = halved(chains);
  const [m, n] = [halves.length, halves[0]!.length];
  const { within, between } = variances(halves);
  const total = ((n - 1) / n) * within + between / n;
  if (!(total > 0)) return Number.NaN;
  const means = halves.map(meanOf);
  const covariance = (lag: number): number => {
    let sum = 0;
    halves.forEach((half, c) => {
      for (let t = lag; t < n; t++) sum += (half[t]! - means[c]!) * (half[t - lag]! - means[c]!);
    });
    return sum / (m * (n - 1));
  };
  const correlation = (lag: number): number => 1 - (within - covariance(lag)) / total;
  let [sum, least] = [0, Number.POSITIVE_INFINITY];
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = correlation(lag) + correlation(lag + 1);
    if (!(pair > 0)) break;
    least = Math.min(least, pair);
    sum += least;
  }
  // Lag 0 counts once; draws that alternate may be worth more than their number, which short chains cannot show.
  return Math.min((m * n) / Math.max(2 * sum - 1, 1e-12), m * n);
}

function halved(chains: ScalarChains): readonly (readonly number[])[] {
  const length = Math.min(...chains.map((chain) => chain.length));
  const half = Math.floor(length / 2);
  if (!(half >= 2))
    throw new ReconError("too-few-draws", `Diagnostics need four draws a chain, and there are ${length}.`);
  return chains.flatMap((chain) => [chain.slice(0, half), chain.slice(length - half, length)]);
}

function variances(halves: ScalarChains): { readonly within: number; readonly between: number } {
  const n = halves[0]!.length;
  const means = halves.map(meanOf);
  const spread = (values: readonly number[], middle: number): number =>
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const within = meanOf(halves.map((half, c) => spread(half, means[c]!)));
  return { within, between: n * spread(means, meanOf(means)) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
