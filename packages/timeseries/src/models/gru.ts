import type { Model } from "@recon/core";
import { gru as gruLayer } from "@recon/engine";
import { type ForecastShape, usualShape } from "./forecaster.ts";
import { type RecurrentOptions, recurrentForecaster } from "./recurrent-forecaster.ts";

/**
 * Forecaster of gated recurrent units: the last state h_T of a GRU over the observed steps, and ŷ = W h_T + b.
 *
 *     r = σ(Wᵣx + bᵣ + Uᵣh + cᵣ)    z = σ(W_z x + b_z + U_z h + c_z)    n = tanh(Wₙx + bₙ + r ∘ (Uₙh + cₙ))    h ← n + z ∘ (h − n)
 *
 * Both biases, arrays named and drawn as PyTorch's `nn.GRU` does: all U(±1/√H). 19 104 parameters for one column, 96 steps ahead and H = 64.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of series.
 * @see K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation", EMNLP 2014.
 */
export function gru(options: RecurrentOptions = {}, data: ForecastShape = usualShape): Model {
  return recurrentForecaster({ name: "gru", gates: 3, run: gruLayer }, options, data);
}
