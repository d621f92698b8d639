import { type Graph, nodesOf, rewrite } from "../graph.ts";
import { add, mul, neg } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { eliminateCommonSubexpressions } from "./cse.ts";
import { workOf } from "./work.ts";

/** A product a b of few inner terms, as stored: with `transposeA` the left factor is aᵀ, likewise for b. */
interface LowRank {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** One term of a linear combination: scale · matrix, or −matrix. */
interface Term {
  readonly matrix: Tensor;
  readonly scales: readonly Tensor[];
  readonly negative: boolean;
}

/** Matrices below this many elements are not worth the extra nodes. */
const worthwhile = 2 ** 14;

/** The factors of a large matrix that is a product with at most a quarter of its rank. */
function lowRank(node: Tensor): LowRank | undefined {
  if (node.op.name !== "matmul" || node.shape.length !== 2 || sizeOf(node.shape) < worthwhile) return undefined;
  const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
  const [a, b] = node.inputs as [Tensor, Tensor];
  const rank = a.shape[transposeA ? 0 : 1]!;
  return 4 * rank <= Math.min(...node.shape) ? { a, b, transposeA, transposeB } : undefined;
}

/** A matrix as a sum of scaled matrices. */
function termsOf(node: Tensor, scales: readonly Tensor[] = [], negative = false): Term[] {
  const [x, y] = node.inputs as [Tensor, Tensor];
  const whole = (operand: Tensor): boolean =>
    operand.shape.length === 2 && sizeOf(operand.shape) === sizeOf(node.shape);
  if (node.op.name === "neg") return termsOf(x, scales, !negative);
  if ((node.op.name === "add" || node.op.name === "sub") && whole(x) && whole(y)) {
    return [...termsOf(x, scales, negative), ...termsOf(y, scales, node.op.name === "sub" ? !negative : negative)];
  }
  if (node.op.name === "mul") {
    if (x.shape.length === 0 && whole(y)) return termsOf(y, [...scales, x], negative);
    if (y.shape.length === 0 && whole(x)) return termsOf(x, [...scales, y], negative);
  }
  return [{ matrix: node, scales, negative }];
}

const scaled = (x: Tensor, { scales, negative }: Term): Tensor => {
  const product =
    scales.length === 0
      ? x
      : mul(
          scales.reduce((a, b) => mul(a, b)),
          x,
        );
  return negative ? neg(product) : product;
};

/** Σ A ∘ C for A = a b: Σ a ∘ (C bᵀ), in the layout in which a is stored. */
function innerProduct({ a, b, transposeA, transposeB }: LowRank, c: Tensor): Tensor {
  const partner = transposeA
    ? matmul(b, c, { transposeA: transposeB, transposeB: true })
    : matmul(c, b, { transposeB: !transposeB });
  return sum(mul(a, partner));
}

/** ‖a b‖² = Σ (aᵀa) ∘ (b bᵀ). */
function squaredNorm({ a, b, transposeA, transposeB }: LowRank): Tensor {
  const left = matmul(a, a, { transposeA: !transposeA, transposeB: transposeA });
  const right = matmul(b, b, { transposeA: transposeB, transposeB: !transposeB });
  return sum(mul(left, right));
}

function factorTotal(node: Tensor): Tensor | undefined {
  const product = node.inputs[0]!;
  if (node.shape.length > 0 || product.op.name !== "mul") return undefined;
  const [x, y] = product.inputs as [Tensor, Tensor];
  if (x.shape.join() !== y.shape.join()) return undefined;
  const [left, right] = [lowRank(x), lowRank(y)];
  if (x === y) return left === undefined ? undefined : squaredNorm(left);
  if (left !== undefined) return innerProduct(left, y);
  return right === undefined ? undefined : innerProduct(right, x);
}

/** x (s₁ M₁ + s₂ M₂ + …) term by term, the factors of a low-rank M one after the other. */
function factorProduct(node: Tensor): Tensor | undefined {
  if (node.shape.length !== 2) return undefined;
  const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
  const [left, right] = node.inputs as [Tensor, Tensor];
  for (const side of ["right", "left"] as const) {
    const matrix = side === "right" ? right : left;
    if (matrix.shape.length !== 2) continue;
    const terms = termsOf(matrix);
    if (!terms.some((term) => lowRank(term.matrix) !== undefined)) continue;
    return terms
      .map((term) => {
        const factors = lowRank(term.matrix);
        const product =
          side === "right"
            ? timesRight(left, transposeA, term.matrix, transposeB, factors)
            : timesLeft(term.matrix, transposeA, right, transposeB, factors);
        return scaled(product, term);
      })
      .reduce((a, b) => add(a, b));
  }
  return undefined;
}

function timesRight(x: Tensor, tx: boolean, m: Tensor, tm: boolean, factors: LowRank | undefined): Tensor {
  if (factors === undefined) return matmul(x, m, { transposeA: tx, transposeB: tm });
  const { a, b, transposeA, transposeB } = factors;
  // (a b)ᵀ = bᵀ aᵀ.
  return tm
    ? matmul(matmul(x, b, { transposeA: tx, transposeB: !transposeB }), a, { transposeB: !transposeA })
    : matmul(matmul(x, a, { transposeA: tx, transposeB: transposeA }), b, { transposeB });
}

function timesLeft(m: Tensor, tm: boolean, x: Tensor, tx: boolean, factors: LowRank | undefined): Tensor {
  if (factors === undefined) return matmul(m, x, { transposeA: tm, transposeB: tx });
  const { a, b, transposeA, transposeB } = factors;
  return tm
    ? matmul(b, matmul(a, x, { transposeA: !transposeA, transposeB: tx }), { transposeA: !transposeB })
    : matmul(a, matmul(b, x, { transposeA: transposeB, transposeB: tx }), { transposeA });
}

/**
 * Keeps products of few terms apart, so that large matrices that are only summed over or multiplied again are never formed:
 *
 *     ⟨a b, C⟩ = Σ a ∘ (C bᵀ)        ‖a b‖² = Σ (aᵀa) ∘ (b bᵀ)        x (s a b + t C) = s (x a) b + t x C
 *
 * A linear layer's weight gradient is such a product, with one term an example, and matching objectives use it in no other way. Squares of
 * differences are left alone: written out they would cancel where gradients almost match.
 *
 * The graph is returned as it was unless the estimated work falls; it may have more nodes, all of them smaller.
 */
export function factorGram(graph: Graph): Graph {
  if (!nodesOf(graph).some((node) => lowRank(node) !== undefined)) return graph;
  const factored = eliminateCommonSubexpressions(
    rewrite(graph, (node) => {
      if (node.op.name === "sum") return factorTotal(node) ?? node;
      if (node.op.name === "matmul") return factorProduct(node) ?? node;
      return node;
    }),
  );
  return workOf(factored) < workOf(graph) ? factored : graph;
}
