import type { NdArray } from "@recon/engine";
import type { CausalLayer } from "./residual-blocks.ts";

/** Values of C channels at some of the steps; the rest is not known, or zero for error signals. */
export interface Signal {
  readonly channels: number;
  /** Ascending. */
  readonly steps: readonly number[];
  /** [C, steps]. */
  readonly data: Float64Array;
}

/** Zeros at some steps. */
export function zeroSignal(channels: number, steps: readonly number[]): Signal {
  return { channels, steps, data: new Float64Array(channels * steps.length) };
}

/** Steps that a layer reads for outputs at `steps`: t − j d ≥ 0, j = 0 … K − 1. */
export function stepsBefore(steps: readonly number[], { kernel, dilation }: CausalLayer): number[] {
  const all = new Set<number>();
  for (const t of steps) for (let j = 0; j < kernel; j++) if (t - j * dilation >= 0) all.add(t - j * dilation);
  return [...all].sort((a, b) => a - b);
}

/** Place of every step in a signal. */
export const placesOf = ({ steps }: Pick<Signal, "steps">): Map<number, number> => new Map(steps.map((t, i) => [t, i]));

/** W x + b at `steps`, all of whose inputs are in x or before the first step. */
export function convolved(
  x: Signal,
  layer: CausalLayer,
  weight: NdArray,
  bias: NdArray,
  steps: readonly number[],
): Signal {
  const [outputs, inputs] = weight.shape as [number, number];
  const result = zeroSignal(outputs, steps);
  const places = placesOf(x);
  for (let o = 0; o < outputs; o++) {
    steps.forEach((t, i) => {
      let total = bias.data[o]!;
      for (let k = 0; k < layer.kernel; k++) {
        const at = places.get(t - (layer.kernel - 1 - k) * layer.dilation);
        if (at === undefined) continue;
        for (let c = 0; c < inputs; c++) {
          total += weight.data[(o * inputs + c) * layer.kernel + k]! * x.data[c * x.steps.length + at]!;
        }
      }
      result.data[o * steps.length + i] = total;
    });
  }
  return result;
}

/** Wᵀ δ at the steps that the layer reads. */
export function backThrough(error: Signal, layer: CausalLayer, weight: NdArray): Signal {
  const [outputs, inputs] = weight.shape as [number, number];
  const result = zeroSignal(inputs, stepsBefore(error.steps, layer));
  const places = placesOf(result);
  error.steps.forEach((t, i) => {
    for (let k = 0; k < layer.kernel; k++) {
      const at = places.get(t - (layer.kernel - 1 - k) * layer.dilation);
      if (at === undefined) continue;
      for (let o = 0; o < outputs; o++) {
        const sent = error.data[o * error.steps.length + i]!;
        if (sent === 0) continue;
        for (let c = 0; c < inputs; c++) {
          result.data[c * result.steps.length + at]! += sent * weight.data[(o * inputs + c) * layer.kernel + k]!;
        }
      }
    }
  });
  return result;
}

/** a + b on the steps of a, which hold those of b. */
export function added(a: Signal, b: Signal): Signal {
  const places = placesOf(a);
  const data = Float64Array.from(a.data);
  for (let c = 0; c < a.channels; c++) {
    b.steps.forEach((t, i) => {
      data[c * a.steps.length + places.get(t)!]! += b.data[c * b.steps.length + i]!;
    });
  }
  return { ...a, data };
}

/** The signal at some of its steps. */
export function restricted(x: Signal, steps: readonly number[]): Signal {
  const places = placesOf(x);
  const result = zeroSignal(x.channels, steps);
  for (let c = 0; c < x.channels; c++) {
    steps.forEach((t, i) => {
      result.data[c * steps.length + i] = x.data[c * x.steps.length + places.get(t)!]!;
    });
  }
  return result;
}

/** Where `by` is above its threshold, x; zero elsewhere. Both have the same steps. */
export function maskedBy(x: Signal, by: Signal, threshold: (place: number) => number): Signal {
  return { ...x, data: x.data.map((value, i) => (by.data[i]! > threshold(i % by.steps.length) ? value : 0)) };
}
