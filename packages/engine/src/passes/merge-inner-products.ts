import { dot } from "../ops/arithmetic.ts";
import { reshape } from "../ops/shape.ts";
import { concat } from "../ops/slice.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { sameShape } from "./arithmetic-rules.ts";
import type { Merger } from "./merge-sums.ts";

/** Longer ones take more time to copy than a node costs. */
const short = 2 ** 12;

/** The operands of Σ a ∘ b over all elements. */
function factors(term: Tensor): readonly [Tensor, Tensor] | undefined {
  const product = term.inputs[0];
  if (term.op.name !== "sum" || term.shape.length > 0 || product?.op.name !== "mul") return undefined;
  const [a, b] = product.inputs as [Tensor, Tensor];
  return sameShape(a.shape, b.shape) && sizeOf(a.shape) <= short ? [a, b] : undefined;
}

const joined = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((x) => reshape(x, [-1])),
    0,
  );

/** Σₜ ⟨aₜ, bₜ⟩ = ⟨[a₁ a₂ …], [b₁ b₂ …]⟩ for short operands; squares apart from the rest, since they need one concatenation only. */
export const mergeInnerProducts: Merger = (terms, usedOnce) => {
  const pairs = terms.flatMap((term) => {
    const found = usedOnce(term) && usedOnce(term.inputs[0]!) ? factors(term) : undefined;
    return found === undefined ? [] : [{ term, a: found[0], b: found[1] }];
  });
  const reshapes = (tensors: readonly Tensor[]): number => tensors.filter(({ shape }) => shape.length !== 1).length;
  return [pairs.filter(({ a, b }) => a === b), pairs.filter(({ a, b }) => a !== b)]
    .filter((group) => {
      // A product, a sum and an addition each, against changes of shape, one or two concatenations, a product and a sum.
      const sides = group[0]?.a === group[0]?.b ? 1 : 2;
      const moved = reshapes(group.map(({ a }) => a)) + (sides === 2 ? reshapes(group.map(({ b }) => b)) : 0);
      return 3 * group.length - 1 > moved + sides + 2;
    })
    .map((group) => {
      const a = joined(group.map((pair) => pair.a));
      const squares = group[0]!.a === group[0]!.b;
      return {
        terms: group.map(({ term }) => term),
        replacement: dot(a, squares ? a : joined(group.map((pair) => pair.b))),
      };
    });
};
