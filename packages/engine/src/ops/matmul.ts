import { EngineError } from "../errors.ts";
import type { Emitter } from "../onnx/emitter.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { add, totalTangent } from "./arithmetic.ts";
import { broadcastIndex, broadcastShapes } from "./indexing.ts";
import { alignedTo } from "./mapped.ts";
import { reshape, sumTo } from "./shape.ts";
import { mapTangent } from "./tangent.ts";

/** Which operands are used transposed; neither unless said. */
export interface MatMulOptions {
  /** Use aᵀ (its last two axes exchanged). */
  readonly transposeA?: boolean;
  /** Use bᵀ (its last two axes exchanged). */
  readonly transposeB?: boolean;
}

/** Whether copying b costs more than transposing a and the product: few rows against a megabyte or more. */
const rightIsLarge = (a: Tensor, b: Tensor): boolean =>
  sizeOf(b.shape) >= 2 ** 18 && 16 * sizeOf(a.shape) <= sizeOf(b.shape) && Math.min(...a.shape) > 1;

/** Whether a product of two matrices is computed as (bᵀ aᵀ)ᵀ. */
export const multipliesTurned = ({ inputs: [a, b] }: Tensor, loweredB: string, emit: Emitter): boolean =>
  rightIsLarge(a!, b!) && !emit.isConstant(loweredB);

/** a b, or a b + c for three operands, of a product of two matrices: one kernel. c has the shape of the product or repeats to it. */
export function lowerToGemm({ attributes }: Tensor, operands: readonly string[], emit: Emitter): string {
  return emit.node("Gemm", operands, {
    transA: { int: attributes.transposeA === true ? 1 : 0 },
    transB: { int: attributes.transposeB === true ? 1 : 0 },
  });
}

const matmulOp: Op = {
  name: "matmul",
  vjp: (node, c) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    const { transposeA: ta, transposeB: tb } = node.attributes as { transposeA: boolean; transposeB: boolean };
    // With y = op(a) op(b): ā = c op(b)ᵀ and b̄ = op(a)ᵀ c, transposed once more where the operand was.
    const forA = ta ? matmul(b, c, { transposeA: tb, transposeB: true }) : matmul(c, b, { transposeB: !tb });
    const forB = tb ? matmul(c, a, { transposeA: true, transposeB: ta }) : matmul(a, c, { transposeA: !ta });
    return [sumTo(forA, a.shape), sumTo(forB, b.shape)];
  },
  jvp: (node, [a, b]) => {
    const [x, y] = node.inputs as [Tensor, Tensor];
    const options = node.attributes as { transposeA: boolean; transposeB: boolean };
    const terms = [mapTangent(a, (t) => matmul(t, y, options)), mapTangent(b, (t) => matmul(x, t, options))];
    return totalTangent(terms, node.shape);
  },
  map: (node, [a, b], count) => {
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const rank = node.shape.length;
    // Rows of all values against one matrix are one product of two matrices.
    if (!b!.mapped && !transposeA && b!.tensor.shape.length === 2) {
      const rows = reshape(a!.tensor, [-1, a!.tensor.shape.at(-1)!]);
      return reshape(matmul(rows, b!.tensor, { transposeB }), [count, ...node.shape]);
    }
    return matmul(alignedTo(rank, a!), alignedTo(rank, b!), { transposeA, transposeB });
  },
  evaluate: (node, [a, b]) => {
    const [left, right] = node.inputs as [Tensor, Tensor];
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const [rows, cols] = node.shape.slice(-2) as [number, number];
    const inner = left.shape.at(transposeA ? -2 : -1)!;
    const batch = node.shape.slice(0, -2);
    const fromA = broadcastIndex(left.shape.slice(0, -2), batch);
    const fromB = broadcastIndex(right.shape.slice(0, -2), batch);
    const result = new Float64Array(sizeOf(node.shape));
    for (let n = 0; n < fromA.length; n++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) {
          let total = 0;
          for (let k = 0; k < inner; k++) {
            const ai = fromA[n]! * rows * inner + (transposeA ? k * rows + i : i * inner + k);
            const bi = fromB[n]! * inner * cols + (transposeB ? j * inner + k : k * cols + j);
            total += a![ai]! * b![bi]!;
          }
          result[(n * rows + i) * cols + j] = total;
        }
      }
    }
    return result;
  },
  lower: (node, [a, b], emit) => {
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const [left, right] = node.inputs as [Tensor, Tensor];
    if (left.shape.length === 2 && right.shape.length === 2) {
      if (multipliesTurned(node, b!, emit)) {
        // The runtime copies a right operand that changes into a layout of its own first, and reads a left one as it is: y = (op(b)ᵀ op(a)ᵀ)ᵀ. Not by Gemm,
        // which would take the transposition in and turn the operands round again.
        const attributes = { transA: { int: transposeB ? 0 : 1 }, transB: { int: transposeA ? 0 : 1 } };
        const turned = emit.node("com.microsoft::FusedMatMul", [b!, a!], attributes);
        return emit.node("Transpose", [turned], { perm: { ints: [1, 0] } });
      }
      return lowerToGemm(node, [a!, b!], emit);
    }
    const swapped = (x: string, rank: number): string =>
      emit.node("Transpose", [x], {
        perm: { ints: Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)) },
      });
    return emit.node("MatMul", [
      transposeA ? swapped(a!, left.shape.length) : a!,
      transposeB ? swapped(b!, right.shape.length) : b!,
    ]);
  },
};

/**
 * Matrix product over the last two axes, the leading ones broadcast: y = a b.
 *
 * @throws EngineError `shape` when ranks are below 2 or the inner extents differ.
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatMulOptions = {}): Tensor {
  const listed = `[${a.shape.join(", ")}]${transposeA ? "ᵀ" : ""} and [${b.shape.join(", ")}]${transposeB ? "ᵀ" : ""}`;
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new EngineError("shape", `matmul: ${listed} must both have rank 2 or more.`);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const cols = b.shape.at(transposeB ? -2 : -1)!;
  if (a.shape.at(transposeA ? -2 : -1) !== b.shape.at(transposeB ? -1 : -2)) {
    throw new EngineError("shape", `matmul: the inner extents of ${listed} differ.`);
  }
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return {
    op: matmulOp,
    inputs: [a, b],
    attributes: { transposeA, transposeB },
    shape: [...batch, rows, cols],
    dtype: "float",
  };
}

/** z = x Wᵀ + b with x [..., in], W [out, in], b [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const rows = x.shape.length === 2 ? x : reshape(x, [-1, x.shape.at(-1)!]);
  const product = matmul(rows, weight, { transposeB: true });
  const z = bias === undefined ? product : add(product, bias);
  return reshape(z, [...x.shape.slice(0, -1), weight.shape[0]!]);
}
