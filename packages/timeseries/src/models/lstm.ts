import type { Model } from "@recon/core";
import { lstm as lstmLayer } from "@recon/engine";
import { type ForecastShape, usualShape } from "./forecaster.ts";
import { type RecurrentOptions, recurrentForecaster } from "./recurrent-forecaster.ts";

/**
 * Forecaster of long short-term memory: the last state h_T of an LSTM with forget gates over the observed steps, and ŷ = W h_T + b.
 *
 *     i, f, o = σ(Wx + b + Uh + c)    g = tanh(W_g x + b_g + U_g h + c_g)    c ← f ∘ c + i ∘ g    h = o ∘ tanh c
 *
 * Both biases, arrays named and drawn as PyTorch's `nn.LSTM` does: all U(±1/√H). 23 392 parameters for one column, 96 steps ahead and H = 64.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of series.
 * @see S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997).
 */
export function lstm(options: RecurrentOptions = {}, data: ForecastShape = usualShape): Model {
  return recurrentForecaster({ name: "lstm", gates: 4, run: lstmLayer }, options, data);
}
