import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { ConvolutionSystem } from "./convolution-system.ts";

/**
 * What the kernel sees at every output, per group: row q of [outputs, channels / groups · taps] is the input under the kernel there, the mean over the
 * window where windows are averaged.
 */
export function patchesOf(system: ConvolutionSystem, x: Float64Array): Matrix[] {
  const { channels, groups, inputs, outputs, places, taps, positions, windows, share } = system;
  const perGroup = channels / groups;
  return Array.from({ length: groups }, (_, group) => {
    const patches = matrix(outputs, perGroup * taps);
    for (let place = 0; place < places; place++) {
      let at = windows[place]! * perGroup * taps;
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
        for (let tap = 0; tap < taps; tap++, at++) {
          const position = positions[place * taps + tap]!;
          if (position >= 0) patches.data[at]! += share * x[c * inputs + position]!;
        }
      }
    }
    return patches;
  });
}

/** dW[o] = Σ_q k[o, q] · patch q, flat [out, channels / groups, taps]. */
export function weightGradient(system: ConvolutionSystem, patches: readonly Matrix[], k: Float64Array): Float64Array {
  const { outputs, out, groups } = system;
  const width = patches[0]!.cols;
  const gradient = new Float64Array(out * width);
  for (let o = 0; o < out; o++) {
    const { data } = patches[Math.floor((o * groups) / out)]!;
    for (let q = 0, from = 0; q < outputs; q++) {
      const error = k[o * outputs + q]!;
      for (let to = o * width; to < (o + 1) * width; to++, from++) gradient[to]! += error * data[from]!;
    }
  }
  return gradient;
}

/** The adjoint of `weightGradient` in k: r[o, q] = ⟨patch q, w[o]⟩. */
export function errorsAdjoint(system: ConvolutionSystem, patches: readonly Matrix[], w: Float64Array): Float64Array {
  const { outputs, out, groups } = system;
  const width = patches[0]!.cols;
  return Float64Array.from({ length: out * outputs }, (_, row) => {
    const o = Math.floor(row / outputs);
    const { data } = patches[Math.floor((o * groups) / out)]!;
    const from = (row % outputs) * width;
    let total = 0;
    for (let j = 0; j < width; j++) total += data[from + j]! * w[o * width + j]!;
    return total;
  });
}

/** The adjoint of `weightGradient` in the input x: Σ_{o, q} k[o, q] w[o], put back where each patch came from. */
export function inputAdjoint(system: ConvolutionSystem, k: Float64Array, w: Float64Array): Float64Array {
  const { channels, groups, inputs, outputs, places, out, taps, positions, windows, share } = system;
  const perGroup = channels / groups;
  const x = new Float64Array(channels * inputs);
  for (let o = 0; o < out; o++) {
    const firstChannel = Math.floor((o * groups) / out) * perGroup;
    for (let q = 0; q < places; q++) {
      const error = share * k[o * outputs + windows[q]!]!;
      if (error === 0) continue;
      for (let c = 0; c < perGroup; c++) {
        const from = (o * perGroup + c) * taps;
        const to = (firstChannel + c) * inputs;
        for (let tap = 0; tap < taps; tap++) {
          const position = positions[q * taps + tap]!;
          if (position >= 0) x[to + position]! += error * w[from + tap]!;
        }
      }
    }
  }
  return x;
}
