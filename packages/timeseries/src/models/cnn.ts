import type { Model } from "@recon/core";
import { type Checks, checkOptions, integer } from "@recon/core/options";
import { convolution, linear, reshape, sigmoid } from "@recon/engine";
import { channelsFirst } from "./channels-first.ts";
import { convolutionArrays } from "./convolution-arrays.ts";
import { type ForecastShape, forecastExtents, forecaster, linearArrays, usualShape } from "./forecaster.ts";

export interface CnnOptions {
  /** Channels of every convolution, 64 unless said. */
  readonly hidden?: number;
}

const checks: Checks<CnnOptions> = { hidden: integer(1, 65_536) };

const kernel = 5;
const strides = [2, 2, 1];

/**
 * Convolutional forecaster: three convolutions over time with kernel 5, padding 2 and strides 2, 2, 1, a sigmoid after each, and a linear layer on all that is left.
 *
 * Weights and biases U(±1/√fan-in). 189 024 parameters for 96 steps of one column, 96 ahead and 64 channels.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of series.
 */
export function cnn(options: CnnOptions = {}, data: ForecastShape = usualShape): Model {
  checkOptions("cnn", options, checks);
  const { hidden = 64 } = options;
  const [steps, columns, ahead] = forecastExtents("cnn", data);
  // With this padding every stride s leaves ⌈T / s⌉ steps.
  const left = strides.reduce((extent, stride) => Math.ceil(extent / stride), steps);
  const names = strides.map((_, layer) => `conv.${layer}`);
  return forecaster({
    name: "cnn",
    options: { hidden },
    data,
    parameters: {
      ...Object.assign(
        {},
        ...names.map((name, layer) => convolutionArrays(name, layer === 0 ? columns : hidden, hidden, kernel)),
      ),
      ...linearArrays("head", hidden * left, ahead),
    },
    forward: (p, { input }) => {
      const last = names.reduce((h, name, layer) => {
        const geometry = { strides: strides[layer]!, pads: (kernel - 1) / 2 };
        return sigmoid(convolution(h, p[`${name}.weight`]!, p[`${name}.bias`], geometry));
      }, channelsFirst(input!));
      return linear(reshape(last, [input!.shape[0]!, hidden * left]), p["head.weight"]!, p["head.bias"]);
    },
  });
}
