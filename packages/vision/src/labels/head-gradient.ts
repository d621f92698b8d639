import { ReconError } from "@recon/core";
import type { Arrays, NdArray } from "@recon/engine";

/** The gradient of a classifier's last layer: weight [K, F] and bias [K], as far as they were observed. */
export interface HeadGradient {
  readonly classes: number;
  readonly weight: NdArray;
  readonly bias?: NdArray;
}

/**
 * The part of an observation that belongs to the last layer: the last array of shape [K, F] with K classes, and the array of shape [K] that
 * comes right after it, if there is one.
 *
 * @throws ReconError `no-head` when no array has as many rows as there are classes.
 */
export function headGradient(observation: Arrays, classes: number): HeadGradient {
  const arrays = Object.values(observation);
  const place = arrays.findLastIndex(({ shape }) => shape.length === 2 && shape[0] === classes);
  const weight = arrays[place];
  if (weight === undefined) {
    throw new ReconError(
      "no-head",
      `The observation has no array with ${classes} rows, so it holds no last layer for ${classes} classes. Labels cannot be read from it.`,
    );
  }
  const next = arrays[place + 1];
  const bias = next?.shape.length === 1 && next.shape[0] === classes ? next : undefined;
  return { classes, weight, ...(bias && { bias }) };
}

/** rᵢ = Σⱼ Wᵢⱼ for every class. */
export function rowSums({ weight, classes }: HeadGradient): Float64Array {
  const features = weight.data.length / classes;
  const sums = new Float64Array(classes);
  for (let i = 0; i < weight.data.length; i++) sums[Math.floor(i / features)]! += weight.data[i]!;
  return sums;
}

/** The bias part. @throws ReconError `no-head` when it was not observed. */
export function headBias({ bias }: HeadGradient): Float64Array {
  if (bias === undefined) {
    throw new ReconError(
      "no-head",
      "This way of recovering labels needs the gradient of the last layer's bias, which is not among the observed arrays.",
    );
  }
  return Float64Array.from(bias.data);
}
