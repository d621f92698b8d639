import type { BenchCase } from "@recon/bench";
import { analytic, layerRecursion, spanIntersection } from "@recon/core";
import { cnn, fcn, tcn, temporalRecursion } from "@recon/timeseries";
import { forecasterCases } from "./forecaster-cases.ts";

/** Fully connected and convolutional forecasters with the weights that they start with. */
export const feedForwardCases: readonly BenchCase[] = [
  ...forecasterCases({
    id: "fcn-b1",
    model: (shape) => fcn({}, shape),
    attack: () => analytic(),
    targets: { rmse_x: "<=0.00001", rmse_y: "<=0.00001", seconds: "<=1" },
    baselines: true,
  }),
  ...forecasterCases({
    id: "fcn-b1",
    model: (shape) => fcn({}, shape),
    attack: () => analytic(),
    observation: "float64",
    targets: { rmse_x: "<=1e-10", rmse_y: "<=1e-10", seconds: "<=1" },
  }),
  ...forecasterCases({
    id: "cnn-b1",
    model: (shape) => cnn({}, shape),
    attack: () => layerRecursion(),
    targets: { rmse_x: "<=0.001", rmse_y: "<=0.00001", seconds: "<=20" },
  }),
  ...forecasterCases({
    id: "tcn-b1",
    model: (shape) => tcn({}, shape),
    attack: () => temporalRecursion(),
    targets: { rmse_x: "<=0.08" },
  }),
  ...forecasterCases({
    id: "fcn-b4",
    model: (shape) => fcn({}, shape),
    attack: () => spanIntersection(),
    batch: 4,
    targets: { rmse_x: "<=0.001" },
  }),
];
