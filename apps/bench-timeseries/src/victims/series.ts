import type { EnergyPrior } from "@recon/core";
import { gaussianProcess, type SeriesSource, sensorNetwork, studentProcess, usBirths } from "@recon/timeseries";

/** A series that clients hold windows of, and what was learned from its public part. */
export interface BenchSeries {
  readonly name: string;
  /** Audited windows lie in the last 30 % of the series. */
  readonly source: SeriesSource;
  /** Fitted to windows of the first 70 %: whoever has it has auxiliary data. */
  readonly prior: () => EnergyPrior;
  /** The same process with the tails of its innovations. */
  readonly heavyTailed: () => EnergyPrior;
}

/** 96 steps of 15 s observed and as many ahead; 56 days observed and 14 ahead. */
export const benchSeries: readonly BenchSeries[] = [
  {
    name: "sensor-network",
    source: sensorNetwork(),
    prior: () => gaussianProcess({ fitted_to: "sensor-network" }),
    heavyTailed: () => studentProcess({ fitted_to: "sensor-network" }),
  },
  {
    name: "us-births",
    source: usBirths(),
    prior: () => gaussianProcess({ fitted_to: "us-births" }),
    heavyTailed: () => studentProcess({ fitted_to: "us-births" }),
  },
];
