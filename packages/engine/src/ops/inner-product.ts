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

const innerProductOp: Op = {
  name: "innerProduct",
  vjp: (node, cotangent) => [mul(node.inputs[1]!, cotangent), mul(node.inputs[0]!, cotangent)],
  jvp: (node, [a, b]) => {
    const [x, y] = node.inputs as [Tensor, Tensor];
    return totalTangent([mapTangent(a, (t) => dot(t, y)), mapTangent(b, (t) => dot(x, t))], []);
  },
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
    if (parts === 1) return emit.node("ReduceSum", [emit.node("Mul", [a!, b!])], { keepdims: { int: 0 } });
    const rows = (x: string): string => emit.node("Reshape", [x, emit.ints([parts, 1, size / parts])]);
    const partial = emit.node("com.microsoft::FusedMatMul", [rows(a!), rows(b!)], { transB: { int: 1 } });
    return emit.node("ReduceSum", [partial], { keepdims: { int: 0 } });
  },
};

/** Σ aᵢ bᵢ for two tensors of one shape, as one node; what `sum(mul(a, b))` becomes when a graph is optimised. */
export function innerProduct(a: Tensor, b: Tensor): Tensor {
  return { op: innerProductOp, inputs: [a, b], attributes: {}, shape: [], dtype: "float" };
}
