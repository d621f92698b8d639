import type { Model } from "@recon/core";
import { type Checks, checkOptions, integer } from "@recon/core/options";
import { linear, type RecurrentWeights, type Tensor } from "@recon/engine";
import { type ForecastShape, forecastExtents, forecaster, linearArrays } from "./forecaster.ts";
import { recurrentLayers } from "./recurrent-layers.ts";

export interface RecurrentOptions {
  /** Units H of every layer, 64 unless said. */
  readonly hidden?: number;
  /** Layers one on top of the other, 1 unless said. */
  readonly layers?: number;
}

const checks: Checks<RecurrentOptions> = { hidden: integer(1, 65_536), layers: integer(1, 64) };

/** One layer from x [B, T, I] to its states, and how many gates its arrays hold. */
export interface RecurrentCell {
  readonly name: string;
  readonly gates: number;
  run(x: Tensor, weights: RecurrentWeights): { readonly outputs: Tensor; readonly last: Tensor };
}

/** ŷ = W h_T + b from the last state of stacked recurrent layers. @throws ReconError `bad-option`; `shape` where the data is not of series. */
export function recurrentForecaster(cell: RecurrentCell, options: RecurrentOptions, data: ForecastShape): Model {
  const { name, gates } = cell;
  checkOptions(name, options, checks);
  const { hidden = 64, layers = 1 } = options;
  const [, columns, ahead] = forecastExtents(name, data);
  const stacked = recurrentLayers({ name, gates, columns, hidden, layers });
  return forecaster({
    name,
    options: { hidden, layers },
    data,
    parameters: { ...stacked.parameters, ...linearArrays("head", hidden, ahead) },
    forward: (p, { input }) => linear(stacked.last(input!, p, cell.run), p["head.weight"]!, p["head.bias"]),
  });
}
