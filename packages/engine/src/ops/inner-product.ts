import type { Emitter } from "../onnx/emitter.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { dot, mul, totalTangent } from "./arithmetic.ts";
import { mapTangent } from "./tangent.ts";

/** Sums of at least this many terms are split into parts: shorter ones lose little to rounding. */
const long = 2 ** 14;

/** From so many terms on the products are not stored: they leave the nearest cache on their way to the sum. */
const large = 2 ** 16;
const mostParts = 64;

/** Number of equal parts, at most 64, that a sum of so many terms is split into. */
function partsOf(size: number): number {
  for (let parts = size < long ? 1 : mostParts; parts > 1; parts--) if (size % parts === 0) return parts;
  return 1;
}

/** The operands two by two. */
const pairsOf = <T>(operands: readonly T[]): [T, T][] =>
  Array.from({ length: operands.length / 2 }, (_, i) => [operands[2 * i]!, operands[2 * i + 1]!]);

const innerProductOp: Op = {
  name: "innerProduct",
  vjp: (node, cotangent) => pairsOf(node.inputs).flatMap(([a, b]) => [mul(b, cotangent), mul(a, cotangent)]),
  jvp: (node, tangents) => {
    const terms = pairsOf(node.inputs).flatMap(([x, y], i) => [
      mapTangent(tangents[2 * i]!, (t) => dot(t, y)),
      mapTangent(tangents[2 * i + 1]!, (t) => dot(x, t)),
    ]);
    return totalTangent(terms, []);
  },
  evaluate: (_node, operands) => {
    let total = 0;
    for (const [a, b] of pairsOf(operands)) for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
    return Float64Array.of(total);
  },
  lower: (node, operands, emit) => {
    const added = (terms: readonly string[]): string => (terms.length === 1 ? terms[0]! : emit.node("Sum", terms));
    const total = (x: string): string => emit.node("ReduceSum", [x], { keepdims: { int: 0 } });
    const alike = new Map<string, { readonly shape: Shape; readonly products: string[] }>();
    pairsOf(operands).forEach(([a, b], i) => {
      const { shape } = node.inputs[2 * i]!;
      const parts = partsOf(sizeOf(shape));
      const stored = parts === 1 || sizeOf(shape) < large;
      const product = stored ? emit.node("Mul", [a, b]) : lowerToParts([a, b], parts, sizeOf(shape) / parts, emit);
      const key = stored ? shape.join() : `${parts} parts`;
      const group = alike.get(key) ?? { shape: stored ? shape : [parts], products: [] };
      alike.set(key, group);
      group.products.push(product);
    });
    // Products of one shape are added before their elements are.
    const totals = [...alike.values()].map(({ shape, products }) => {
      const sum = added(products);
      const rows = sizeOf(shape) < long || shape.length < 2 ? sum : lowerToRowSums(sum, shape, emit);
      return total(rows);
    });
    return added(totals);
  },
};

/**
 * A batch of row-times-row products: one pass over memory on all threads, in partial sums. Five times faster than Mul and ReduceSum on three million float32
 * numbers, and a hundred times more exact (6e-8 against 6e-6).
 */
function lowerToParts(pair: readonly string[], parts: number, size: number, emit: Emitter): string {
  const rows = pair.map((x) => emit.node("Reshape", [x, emit.ints([parts, 1, size])]));
  return emit.node("com.microsoft::FusedMatMul", rows, { transB: { int: 1 } });
}

/** Sums over all axes but the first, or but the last where the first is short: of short sums the rounding is small. */
function lowerToRowSums(x: string, shape: Shape, emit: Emitter): string {
  const first = shape[0]! ** 2 >= sizeOf(shape) ? 0 : shape.length - 1;
  const axes = shape.map((_, axis) => axis).filter((axis) => axis !== first);
  return emit.node("ReduceSum", [x, emit.ints(axes)], { keepdims: { int: 0 } });
}

/**
 * Σ aᵢ bᵢ for two tensors of one shape, or Σₖ Σᵢ aₖᵢ bₖᵢ for several such pairs one after another, as one node; what `sum(mul(a, b))` and sums of it become when
 * a graph is optimised.
 */
export function innerProduct(...operands: readonly Tensor[]): Tensor {
  return { op: innerProductOp, inputs: operands, attributes: {}, shape: [], dtype: "float" };
}
