import type { EnergyPrior } from "@recon/core";
import { badOption, type Check, checkOptions, real } from "@recon/core/options";
import { add, constant, mean, mul, type NdArray, relu, scalar, sub, type Tensor } from "@recon/engine";
import { middle } from "./series-extents.ts";

export interface QuantileBoundsOptions {
  /** Lower quantile: one number, or an array that broadcasts against the unknown, such as [T, F]. */
  readonly low: NdArray | number;
  /** Upper quantile. */
  readonly high: NdArray | number;
  /** Factor of the energy, at least 0; 1 unless said. */
  readonly weight?: number;
}

const bound: Check<NdArray | number> = {
  allowed: "a number, or an array of finite numbers",
  is: (value): value is NdArray | number =>
    Number.isFinite(value) ||
    (typeof value === "object" && value !== null && "data" in value && (value as NdArray).data.every(Number.isFinite)),
};

/**
 * Values between two quantiles: how far they lie outside, on the average,
 *
 *     R(x) = weight · mean of ( max(0, low − x) + max(0, x − high) )
 *
 * Several pairs of quantiles are several such priors in a weighted sum. Its blind guess is the middle between the bounds where these are numbers, else of the range.
 *
 * @throws ReconError `bad-option`, also where low and high are numbers and low > high.
 * @see C. Meijer et al., "TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models", 2025.
 */
export function quantileBounds(options: QuantileBoundsOptions): EnergyPrior {
  checkOptions("quantileBounds", options, { low: bound, high: bound, weight: real(0) });
  const { low, high, weight = 1 } = options;
  for (const name of ["low", "high"] as const) {
    if (options[name] === undefined) throw badOption("quantileBounds", name, options[name], bound.allowed);
  }
  if (typeof low === "number" && typeof high === "number" && low > high) {
    throw badOption("quantileBounds", "low", low, `at most "high", ${high}`);
  }
  const [lower, upper] = [tensorOf(low), tensorOf(high)];
  return {
    kind: "energy",
    name: "quantile-bounds",
    options: { low: plain(low), high: plain(high), weight },
    energy: (x: Tensor): Tensor => mul(mean(add(relu(sub(lower, x)), relu(sub(x, upper)))), weight),
    blind: (shape) => {
      const guess = middle(shape);
      return typeof low === "number" && typeof high === "number"
        ? { shape, data: guess.data.map(() => (low + high) / 2) }
        : guess;
    },
  };
}

const tensorOf = (value: NdArray | number): Tensor =>
  typeof value === "number" ? scalar(value) : constant(value.data, value.shape);

const plain = (value: NdArray | number): number | number[] =>
  typeof value === "number" ? value : Array.from(value.data);
