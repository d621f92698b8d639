import type { Model } from "@recon/core";
import { type Checks, checkOptions, integer } from "@recon/core/options";
import { linear, reshape, sigmoid } from "@recon/engine";
import { type ForecastShape, forecastExtents, forecaster, linearArrays, usualShape } from "./forecaster.ts";

export interface FcnOptions {
  /** Units of every hidden layer, 64 unless said. */
  readonly hidden?: number;
  /** Hidden layers, 2 unless said. */
  readonly layers?: number;
}

const checks: Checks<FcnOptions> = { hidden: integer(1, 65_536), layers: integer(1, 64) };

/**
 * Fully connected forecaster: hₗ = σ(Wₗ hₗ₋₁ + bₗ) from the observed steps as one vector h₀ [T · F], and ŷ = W h + b.
 *
 * Weights and biases U(±1/√fan-in). 16 608 parameters for 96 steps of one column and 96 ahead.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of series.
 */
export function fcn(options: FcnOptions = {}, data: ForecastShape = usualShape): Model {
  checkOptions("fcn", options, checks);
  const { hidden = 64, layers = 2 } = options;
  const [steps, columns, ahead] = forecastExtents("fcn", data);
  const names = Array.from({ length: layers }, (_, layer) => `hidden.${layer}`);
  return forecaster({
    name: "fcn",
    options: { hidden, layers },
    data,
    parameters: {
      ...Object.assign(
        {},
        ...names.map((name, layer) => linearArrays(name, layer === 0 ? steps * columns : hidden, hidden)),
      ),
      ...linearArrays("head", hidden, ahead),
    },
    forward: (p, { input }) => {
      const flat = reshape(input!, [input!.shape[0]!, steps * columns]);
      const last = names.reduce((h, name) => sigmoid(linear(h, p[`${name}.weight`]!, p[`${name}.bias`])), flat);
      return linear(last, p["head.weight"]!, p["head.bias"]);
    },
  });
}
