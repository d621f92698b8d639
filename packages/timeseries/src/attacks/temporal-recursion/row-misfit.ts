import type { NdArray } from "@recon/engine";
import type { CausalLayer } from "./residual-blocks.ts";
import { placesOf, type Signal } from "./signal.ts";

/** ‖dW[o] − Σ_t δ_o(t) x(t − ·)‖ / ‖dW[o]‖. */
export function rowMisfit(gradient: NdArray, error: Signal, layer: CausalLayer, input: Signal, o: number): number {
  const [, inputs] = gradient.shape as [number, number];
  const places = placesOf(input);
  const n = error.steps.length;
  let [misfit, size] = [0, 0];
  for (let c = 0; c < inputs; c++) {
    for (let k = 0; k < layer.kernel; k++) {
      const wanted = gradient.data[(o * inputs + c) * layer.kernel + k]!;
      let total = 0;
      error.steps.forEach((t, i) => {
        const at = places.get(t - (layer.kernel - 1 - k) * layer.dilation);
        if (at !== undefined) total += error.data[o * n + i]! * input.data[c * input.steps.length + at]!;
      });
      misfit += (wanted - total) ** 2;
      size += wanted ** 2;
    }
  }
  return Math.sqrt(misfit / Math.max(size, Number.MIN_VALUE));
}
