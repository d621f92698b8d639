import type { Skipped } from "@recon/core";

/** One measured quantity, a value a step; NaN where there is none. */
export interface SeriesColumn {
  readonly name: string;
  /** As `kW` or `°C`; empty where it is not known. */
  readonly unit: string;
  readonly values: Float64Array;
}

/** A series of equal steps, before it is cut into windows. */
export interface Series {
  /** Number of steps, N; every column has as many values. */
  readonly length: number;
  /** The first is the one to forecast. */
  readonly columns: readonly SeriesColumn[];
  /** When a step is: its time, or its number. */
  label(step: number): string;
  /** Time between two steps in words. */
  readonly step?: string;
  /** What the series repeats by, such as 24 steps a `day`. */
  readonly cycle?: { readonly steps: number; readonly name: string };
  /** What could not be read. */
  readonly skipped?: readonly Skipped[];
}
