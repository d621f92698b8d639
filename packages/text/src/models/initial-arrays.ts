import type { InitialArray } from "./text-model.ts";

type Named = Record<string, InitialArray>;

/** How the arrays of a transformer with random weights start. */
export interface InitialArrays {
  /** [rows, cols], N(0, std²). */
  matrix(rows: number, cols: number): InitialArray;
  /** `<name>.weight` [out, in], and `<name>.bias` of zeros. */
  dense(name: string, out: number, into: number): Named;
  /** As `dense`, with the weight stored [in, out]. */
  turned(name: string, into: number, out: number): Named;
  /** `<name>.weight` of ones and `<name>.bias` of zeros, as wide as the state. */
  norm(name: string): Named;
}

/** Matrices N(0, std²), biases 0, normalisations 1 and 0, for a state of the given width. */
export function initialArrays(width: number, std: number): InitialArrays {
  const matrix = (rows: number, cols: number): InitialArray => ({ shape: [rows, cols], std });
  const vector = (extent: number, fill: number): InitialArray => ({ shape: [extent], fill });
  const pair = (name: string, weight: InitialArray, outputs: number): Named => ({
    [`${name}.weight`]: weight,
    [`${name}.bias`]: vector(outputs, 0),
  });
  return {
    matrix,
    dense: (name, out, into) => pair(name, matrix(out, into), out),
    turned: (name, into, out) => pair(name, matrix(into, out), out),
    norm: (name) => pair(name, vector(width, 1), width),
  };
}
