import { type Json, type Model, type Nuisance, ReconError, type Rng, type Spec } from "@recon/core";
import { type Arrays, type NdArray, type Shape, sizeOf, squaredError } from "@recon/engine";

/** What a forecaster must fit. */
export interface ForecastShape {
  /** [T, F]: steps that are observed, and columns. */
  readonly input: Shape;
  /** H: steps ahead that are predicted, the extent of a target's last axis. */
  readonly classes: number;
}

/** How an array starts: uniform on ± a bound, or normal with a deviation around 0. */
export type InitialArray = Spec & ({ readonly bound: number } | { readonly std: number });

export interface ForecasterOptions {
  readonly name: string;
  readonly options: Json;
  readonly data: ForecastShape;
  readonly parameters: Readonly<Record<string, InitialArray>>;
  readonly nuisances?: Readonly<Record<string, Nuisance>>;
  readonly forward: Model["forward"];
}

/** Four days by the hour, and as many ahead: the shape of a forecaster that is built without data. */
export const usualShape: ForecastShape = { input: [96, 1], classes: 96 };

/**
 * A model from T observed steps [B, T, F] to H steps ahead [B, H], trained with the mean squared error over all outputs of the batch:
 *
 *     ℓ = 1/(B H) Σ (ŷ − y)²
 *
 * Initial values are drawn as float32 numbers, each array from its own stream, so that programs of either precision see the same weights.
 */
export function forecaster({ name, options, data, parameters, nuisances, forward }: ForecasterOptions): Model {
  return {
    name,
    options,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, { shape }]) => [key, { shape }])),
    ...(nuisances !== undefined && { nuisances }),
    input: { shape: data.input },
    target: { shape: [data.classes], kind: "real" },
    lossKind: "mean-squared-error",
    lossReduction: "mean",
    init: (rng: Rng): Arrays =>
      Object.fromEntries(Object.entries(parameters).map(([key, initial]) => [key, drawn(initial, rng.split(key))])),
    forward,
    loss: (output, { target }) => squaredError(output, target!),
  };
}

function drawn(initial: InitialArray, rng: Rng): NdArray {
  const value =
    "std" in initial ? (): number => initial.std * rng.normal() : (): number => initial.bound * (2 * rng.uniform() - 1);
  return { shape: initial.shape, data: Float32Array.from({ length: sizeOf(initial.shape) }, value) };
}

/** Steps T, columns F and steps ahead H of the data. @throws ReconError `shape` where items are not [T, F] or there is nothing to predict. */
export function forecastExtents(name: string, { input, classes }: ForecastShape): [number, number, number] {
  const [steps = 0, columns = 0] = input;
  if (input.length !== 2 || sizeOf(input) < 1 || !(classes >= 1)) {
    throw new ReconError(
      "shape",
      `${name} forecasts series [steps, columns], and the data has inputs [${input.join(", ")}] and targets of ${classes}. Choose data of series.`,
    );
  }
  return [steps, columns, classes];
}

/** `<name>.weight` [out, in] and `<name>.bias` [out] of a linear layer, U(±1/√in). */
export function linearArrays(name: string, into: number, out: number): Record<string, InitialArray> {
  const bound = 1 / Math.sqrt(into);
  return { [`${name}.weight`]: { shape: [out, into], bound }, [`${name}.bias`]: { shape: [out], bound } };
}
