import { matmul } from "../ops/matmul.ts";
import { concat } from "../ops/slice.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { Merger } from "./merge-sums.ts";

/** Σₜ aₜ bₜ = [a₁ a₂ …] [b₁; b₂; …]: one product where the operands together are smaller than the sums between the products. */
export const mergeProducts: Merger = (terms, usedOnce) => {
  const groups = new Map<string, Tensor[]>();
  for (const term of terms) {
    if (term.op.name !== "matmul" || term.inputs.some(({ shape }) => shape.length !== 2) || !usedOnce(term)) continue;
    const moved = sizeOf(term.inputs[0]!.shape) + sizeOf(term.inputs[1]!.shape);
    if (moved > sizeOf(term.shape)) continue;
    const key = `${term.attributes.transposeA} ${term.attributes.transposeB}`;
    groups.set(key, [...(groups.get(key) ?? []), term]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 2)
    .map((group) => {
      const { transposeA, transposeB } = group[0]!.attributes as { transposeA: boolean; transposeB: boolean };
      const a = concat(
        group.map(({ inputs }) => inputs[0]!),
        transposeA ? 0 : 1,
      );
      const b = concat(
        group.map(({ inputs }) => inputs[1]!),
        transposeB ? 1 : 0,
      );
      return { terms: group, replacement: matmul(a, b, { transposeA, transposeB }) };
    });
};
