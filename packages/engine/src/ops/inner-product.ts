import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { dot, mul, totalTangent } from "./arithmetic.ts";
import { mapTangent } from "./tangent.ts";

/** Sums of at least this many terms are split into parts: shorter ones lose little to rounding and gain little from more threads. */
const long = 2 ** 14;
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
  // A batch of row-times-row products: one pass over memory on all threads, in partial sums. Five times faster than Mul and ReduceSum on three
  // million float32 numbers, and a hundred times more exact (6e-8 against 6e-6). Pairs in equally many parts are added before the parts are.
  lower: (node, operands, emit) => {
    const partial = new Map<number, string[]>();
    pairsOf(operands).forEach(([a, b], i) => {
      const size = sizeOf(node.inputs[2 * i]!.shape);
      const parts = partsOf(size);
      const rows = (x: string): string => emit.node("Reshape", [x, emit.ints([parts, 1, size / parts])]);
      const product =
        parts === 1
          ? emit.node("ReduceSum", [emit.node("Mul", [a, b])], { keepdims: { int: 0 } })
          : emit.node("com.microsoft::FusedMatMul", [rows(a), rows(b)], { transB: { int: 1 } });
      partial.set(parts, [...(partial.get(parts) ?? []), product]);
    });
    const added = (terms: readonly string[]): string => (terms.length === 1 ? terms[0]! : emit.node("Sum", terms));
    return added(
      [...partial].map(([parts, terms]) =>
        parts === 1 ? added(terms) : emit.node("ReduceSum", [added(terms)], { keepdims: { int: 0 } }),
      ),
    );
  },
};

/**
 * Σ aᵢ bᵢ for two tensors of one shape, or Σₖ Σᵢ aₖᵢ bₖᵢ for several such pairs one after another, as one node; what `sum(mul(a, b))` and sums of it become when
 * a graph is optimised.
 */
export function innerProduct(...operands: readonly Tensor[]): Tensor {
  return { op: innerProductOp, inputs: operands, attributes: {}, shape: [], dtype: "float" };
}
