import type { Tensor } from "../tensor.ts";

/** The tangent of an input or an output; `null` is zero. */
export type Tangent = Tensor | null;

/** f(t), or zero for zero: the tangent of a linear function of one tensor. */
export function mapTangent(tangent: Tangent | undefined, f: (tangent: Tensor) => Tensor): Tangent {
  return tangent === null || tangent === undefined ? null : f(tangent);
}
