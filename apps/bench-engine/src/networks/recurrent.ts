import { gru, linear } from "@recon/engine";
import { declarations, type Network, regressor } from "../network.ts";

/** A gated recurrent unit over `steps` steps of one feature, its last state through a linear layer to `horizon` numbers. */
export function recurrent(batch: number, steps: number, width: number, horizon: number): Network {
  const declared = declarations();
  const scale = 1 / Math.sqrt(width);
  const weights = {
    input: declared.parameter("input", [3 * width, 1], { scale }),
    hidden: declared.parameter("hidden", [3 * width, width], { scale }),
    inputBias: declared.parameter("inputBias", [3 * width], { scale }),
    hiddenBias: declared.parameter("hiddenBias", [3 * width], { scale }),
  };
  const head = declared.layer("head", [horizon, width]);
  return regressor(declared, [batch, steps, 1], [batch, horizon], (x) =>
    linear(gru(x, weights).last, head.weight, head.bias),
  );
}
