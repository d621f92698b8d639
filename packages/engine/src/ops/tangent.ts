import type { Shape, Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { broadcastTo } from "./shape.ts";

/** The tangent of an input or an output; `null` is zero. */
export type Tangent = Tensor | null;

/** Σ of the tangents that are not zero, repeated to `shape`; `null` where all are zero. */
export function totalTangent(terms: readonly Tangent[], shape: Shape): Tangent {
  const present = terms.filter((term) => term !== null);
  return present.length === 0
    ? null
    : broadcastTo(
        present.reduce((a, b) => add(a, b)),
        shape,
      );
}

/** f(t), or zero for zero: the tangent of a linear function of one tensor. */
export function mapTangent(tangent: Tangent | undefined, f: (tangent: Tensor) => Tensor): Tangent {
  return tangent === null || tangent === undefined ? null : f(tangent);
}
