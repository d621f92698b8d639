import type { Tails } from "./fit-tails.ts";
import type { GaussianProcessOptions } from "./gaussian-process.ts";

/** Series that come with a process that was fitted to them. */
export type PublicSeries = "us-births" | "sensor-network" | "seattle" | "sp500";

/**
 * What `fitGaussianProcess` makes of the training parts of this package's own sources, in windows of observed and forecast steps as they are cut unless said. The scale is that
 * of the data, [0, 1] for the range of the training part. The slow tests fit them again.
 */
export const publicFits: Readonly<Record<PublicSeries, GaussianProcessOptions>> = {
  "us-births": {
    mean: 0.4631,
    noise: 0.02561,
    level: 0.001,
    cycle: 0.1889,
    cycle_length: 1.154,
    period: 7,
    cycle_memory: 206.6,
    smooth: 0.04608,
    smooth_length: 1.245,
    smooth_kernel: "matern-3/2",
  },
  "sensor-network": {
    mean: 0.4477,
    noise: 0.004727,
    level: 0.152,
    smooth: 0.1059,
    smooth_length: 7.145,
    smooth_kernel: "matern-3/2",
  },
  seattle: {
    mean: 0.401,
    noise: 0.001602,
    level: 0.2359,
    cycle: 0.08722,
    cycle_length: 0.4585,
    period: 24,
    cycle_memory: 2580,
    smooth: 0.02283,
    smooth_length: 1920,
    smooth_kernel: "matern-1/2",
  },
  sp500: {
    mean: 0.4531,
    noise: 0.003787,
    level: 0.001,
    smooth: 0.1704,
    smooth_length: 474.8,
    smooth_kernel: "matern-1/2",
  },
};

/** What `fitTails` makes of the innovations of the same windows under these processes: degrees of freedom, and scale in standard deviations. */
export const publicTails: Readonly<Record<PublicSeries, Tails>> = {
  "us-births": { degrees: 4, scale: 0.6811 },
  "sensor-network": { degrees: 2, scale: 0.3869 },
  seattle: { degrees: 100, scale: 0.9905 },
  sp500: { degrees: 3, scale: 0.6566 },
};
