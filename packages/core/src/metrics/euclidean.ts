import type { NdArray } from "@recon/engine";
import type { Metric } from "../problem.ts";

/** How an error is measured. */
export interface EuclideanOptions {
  /** Score modulo the item's sign, where the observation cannot tell x from −x. */
  readonly sign?: boolean;
}

/** The error of one item, ‖x̂ − x‖₂; its root mean square over a batch is the rms of the literature. 0 is perfect. */
export function rms({ sign = false }: EuclideanOptions = {}): Metric {
  return { ...lower("rms", sign), score: (estimate, truth) => errorOf(estimate, truth, sign) };
}

/** The error of one item relative to its size, ‖x̂ − x‖₂ / ‖x‖₂. 0 is perfect; infinite for x = 0 unless x̂ is 0 too. */
export function relativeRms({ sign = false }: EuclideanOptions = {}): Metric {
  return {
    ...lower("rel_rms", sign),
    score: (estimate, truth) => {
      const error = errorOf(estimate, truth, sign);
      return error === 0 ? 0 : error / Math.sqrt(squares(truth, () => 0, 1));
    },
  };
}

function lower(name: string, sign: boolean): Omit<Metric, "score"> {
  return { name, unit: "", better: "lower", perfect: 0, invariances: sign ? ["sign"] : [] };
}

function errorOf(estimate: NdArray, truth: NdArray, sign: boolean): number {
  const at = (i: number): number => estimate.data[i] ?? Number.NaN;
  const plain = squares(truth, at, 1);
  return Math.sqrt(sign ? Math.min(plain, squares(truth, at, -1)) : plain);
}

/** Σ (truthᵢ − sign · atᵢ)². */
function squares({ data }: NdArray, at: (i: number) => number, sign: 1 | -1): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += (data[i]! - sign * at(i)) ** 2;
  return total;
}
