import type { Arrays } from "@recon/engine";

/**
 * The change of weights as whoever subtracts two checkpoints sees it: U = float32(Θ₀ + U) − float32(Θ₀).
 *
 * Clients send weights and not differences. Rounding is relative to the weights, so that a small change is off by far more than its own rounding: by about 1e-6 to
 * 1e-5 of itself after a few steps.
 */
export function roundedDifference(params: Arrays, change: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(change).map(([name, { shape, data }]) => [
      name,
      {
        shape,
        data: Float32Array.from(data, (value, i) => {
          const before = Math.fround(params[name]!.data[i]!);
          return Math.fround(before + value) - before;
        }),
      },
    ]),
  );
}
