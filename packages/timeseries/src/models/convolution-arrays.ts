import type { InitialArray } from "./forecaster.ts";

/** `<name>.weight` [out, in, kernel] and `<name>.bias` [out] of a convolution over time, U(±1/√(in · kernel)); the weight N(0, std²) where a deviation is given. */
export function convolutionArrays(
  name: string,
  into: number,
  out: number,
  kernel: number,
  std?: number,
): Record<string, InitialArray> {
  const bound = 1 / Math.sqrt(into * kernel);
  const shape = [out, into, kernel];
  return {
    [`${name}.weight`]: std === undefined ? { shape, bound } : { shape, std },
    [`${name}.bias`]: { shape: [out], bound },
  };
}
