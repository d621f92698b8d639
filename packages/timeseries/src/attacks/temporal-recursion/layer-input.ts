import { type Matrix, matrix, qr } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { CausalLayer } from "./residual-blocks.ts";
import { placesOf, type Signal, stepsBefore } from "./signal.ts";

/** What entered a layer, and how far every step of it is to be trusted. */
export interface LayerInput {
  readonly value: Signal;
  /** Standard deviation of every step under rounding of the gradient. */
  readonly stds: Float64Array;
  /** ‖misfit‖ / ‖dW‖. */
  readonly residual: number;
  /** A lower bound on the smallest singular value of the system, 1 / ‖R⁻¹‖_F. */
  readonly smallest: number;
}

/**
 * The input of a layer from its weight gradient where the error signal behind it is known: dW[o, c, k] = Σ_t δ_o(t) x_c(t − (K−1−k) d) is linear in x, with the
 * same matrix for every channel c, [O · K, steps].
 *
 * @param rows outputs whose equations are used; all unless given.
 * @param rounding standard deviation of an entry of dW.
 * @param known steps of the input that are no unknowns.
 * @returns undefined where the equations do not determine every step that an error reaches.
 */
export function layerInput(
  gradient: NdArray,
  error: Signal,
  layer: CausalLayer,
  rounding: number,
  rows: readonly number[] = Array.from({ length: error.channels }, (_, o) => o),
  known?: Signal,
): LayerInput | undefined {
  const [, inputs] = gradient.shape as [number, number];
  const { kernel } = layer;
  // A step that no error reaches leaves no trace, here or further back.
  const fixed = new Set(known?.steps);
  const steps = reachedSteps(error, layer, rows).filter((t) => !fixed.has(t));
  if (steps.length === 0 || rows.length * kernel < steps.length) return undefined;
  const system = systemOf(error, layer, steps, rows);
  const held = known && systemOf(error, layer, known.steps, rows);
  const { q, r } = qr(system);
  const n = steps.length;
  // Errors fade on their way back, so that a pivot is small or not by the size of its own column.
  for (let j = 0; j < n; j++) {
    let size = 0;
    for (let i = 0; i <= j; i++) size += r.data[i * n + j]! ** 2;
    if (!(r.data[j * n + j]! > Math.sqrt(size) * leastPivot)) return undefined;
  }
  const inverse = upperInverse(r.data, n);
  const value: Signal = { channels: inputs, steps, data: new Float64Array(inputs * n) };
  let [misfit, size] = [0, 0];
  for (let c = 0; c < inputs; c++) {
    const b = Float64Array.from({ length: rows.length * kernel }, (_, at) => {
      const [o, k] = [rows[Math.floor(at / kernel)]!, at % kernel];
      const sent = gradient.data[(o * inputs + c) * kernel + k]!;
      return held === undefined ? sent : sent - heldPart(held, known!, c, at);
    });
    let rest = b;
    // Twice, so that the solution is that of the equations and not of their factors.
    for (let pass = 0; pass < 2; pass++) {
      const turned = new Float64Array(n);
      for (let i = 0; i < rest.length; i++) for (let j = 0; j < n; j++) turned[j]! += q.data[i * n + j]! * rest[i]!;
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let l = j; l < n; l++) total += inverse[j * n + l]! * turned[l]!;
        value.data[c * n + j]! += total;
      }
      rest = b.map((wanted, i) => {
        let total = wanted;
        for (let j = 0; j < n; j++) total -= system.data[i * n + j]! * value.data[c * n + j]!;
        return total;
      });
    }
    for (let i = 0; i < b.length; i++) {
      misfit += rest[i]! ** 2;
      size += b[i]! ** 2;
    }
  }
  const stds = Float64Array.from({ length: n }, (_, j) => {
    let total = 0;
    for (let l = j; l < n; l++) total += inverse[j * n + l]! ** 2;
    return rounding * Math.sqrt(total);
  });
  const squares = inverse.reduce((total, entry) => total + entry * entry, 0);
  return {
    value,
    stds,
    residual: Math.sqrt(misfit / Math.max(size, Number.MIN_VALUE)),
    smallest: 1 / Math.sqrt(squares),
  };
}

const leastPivot = 1e-9;

/** What the known steps of channel c contribute to one equation. */
function heldPart(held: Matrix, { steps, data }: Signal, c: number, row: number): number {
  let total = 0;
  for (let j = 0; j < steps.length; j++) total += held.data[row * steps.length + j]! * data[c * steps.length + j]!;
  return total;
}

/** Steps that the layer read where one of the rows has an error. */
function reachedSteps(error: Signal, layer: CausalLayer, rows: readonly number[]): readonly number[] {
  const n = error.steps.length;
  const present = error.steps.filter((_, i) => rows.some((o) => error.data[o * n + i] !== 0));
  return stepsBefore(present, layer);
}

function systemOf(error: Signal, layer: CausalLayer, steps: readonly number[], rows: readonly number[]): Matrix {
  const places = placesOf({ steps });
  const { kernel, dilation } = layer;
  const n = steps.length;
  const system = matrix(rows.length * kernel, n);
  rows.forEach((o, row) => {
    error.steps.forEach((t, i) => {
      const sent = error.data[o * error.steps.length + i]!;
      for (let k = 0; k < kernel && sent !== 0; k++) {
        const at = places.get(t - (kernel - 1 - k) * dilation);
        if (at !== undefined) system.data[(row * kernel + k) * n + at]! += sent;
      }
    });
  });
  return system;
}

/** R⁻¹ of an upper triangular matrix, by columns. */
function upperInverse(r: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    inverse[j * n + j] = 1 / r[j * n + j]!;
    for (let i = j - 1; i >= 0; i--) {
      let total = 0;
      for (let l = i + 1; l <= j; l++) total += r[i * n + l]! * inverse[l * n + j]!;
      inverse[i * n + j] = -total / r[i * n + i]!;
    }
  }
  return inverse;
}
