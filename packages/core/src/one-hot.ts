import type { NdArray } from "@recon/engine";

/** A class as a distribution over `classes`: 1 at `label`, 0 elsewhere; shape [classes]. */
export function oneHot(label: number, classes: number): NdArray {
  const data = new Float32Array(classes);
  data[label] = 1;
  return { shape: [classes], data };
}
