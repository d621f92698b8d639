/** Matrix products. A transposed weight is multiplied as it is stored, so that linear layers are seen as such. */
import { add, mul } from "../../../ops/arithmetic.ts";
import { matmul } from "../../../ops/matmul.ts";
import { reshape, transpose } from "../../../ops/shape.ts";
import type { Tensor } from "../../../tensor.ts";
import type { Call, OpEntry } from "../call.ts";

/** The tensor whose last two axes are exchanged here, if x is no more than that. */
function transposed(x: Tensor): Tensor | undefined {
  const order = x.op.name === "transpose" ? (x.attributes.order as readonly number[]) : [];
  const n = order.length;
  const swaps = n >= 2 && order.every((axis, i) => axis === (i < n - 2 ? i : 2 * n - 3 - i));
  return swaps ? x.inputs[0] : undefined;
}

/** a b with leading axes of a taken as rows where b is a plain matrix. */
function product(a: Tensor, b: Tensor): Tensor {
  const source = transposed(b);
  const [right, transposeB] = source === undefined ? [b, false] : [source, true];
  if (right.shape.length !== 2 || a.shape.length <= 2) return matmul(a, right, { transposeB });
  const rows = matmul(reshape(a, [rowsOf(a), a.shape.at(-1)!]), right, { transposeB });
  return reshape(rows, [...a.shape.slice(0, -1), rows.shape[1]!]);
}

const rowsOf = (a: Tensor): number => a.shape.slice(0, -1).reduce((total, extent) => total * extent, 1);

/** NumPy's rule: a vector is a row on the left and a column on the right, and its axis disappears. */
function multiplied(call: Call): Tensor {
  const [a, b] = [call.input(0), call.input(1)];
  if (a.dtype !== "float" || b.dtype !== "float")
    throw call.error("onnx-dtype", "products of integers are not supported.");
  if (a.shape.length === 0 || b.shape.length === 0) throw call.error("shape", "an operand is a scalar.");
  const left = a.shape.length === 1 ? reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b;
  const result = product(left, right);
  const rank = result.shape.length;
  const gone = [...(a.shape.length === 1 ? [rank - 2] : []), ...(b.shape.length === 1 ? [rank - 1] : [])];
  return gone.length === 0
    ? result
    : reshape(
        result,
        result.shape.filter((_, axis) => !gone.includes(axis)),
      );
}

const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : mul(x, factor));

/** α op(a) op(b) + β c. */
function gemm(call: Call): Tensor {
  const c = call.optional(2);
  const [a, b] = [call.input(0), call.input(1)];
  const options = { transposeA: call.int("transA", 0) !== 0, transposeB: call.int("transB", 0) !== 0 };
  if (a.shape.length !== 2 || b.shape.length !== 2) throw call.error("shape", "the operands must be matrices.");
  // A weight that was transposed to be multiplied is multiplied as it is stored.
  const source = options.transposeB ? undefined : transposed(b);
  const right = source === undefined ? matmul(a, b, options) : matmul(a, source, { ...options, transposeB: true });
  const result = scaled(right, call.float("alpha", 1));
  return c === undefined ? result : add(result, scaled(c, call.float("beta", 1)));
}

/** A product with either operand transposed, as this engine and ONNX Runtime write it. */
function fused(call: Call): Tensor {
  if (call.int("transBatchA", 0) !== 0 || call.int("transBatchB", 0) !== 0) {
    throw call.error("onnx-unsupported-variant", "batch axes cannot be transposed.");
  }
  const options = { transposeA: call.int("transA", 0) !== 0, transposeB: call.int("transB", 0) !== 0 };
  return scaled(matmul(call.input(0), call.input(1), options), call.float("alpha", 1));
}

/** A product over named axes, `ij,jk->ik`: both operands are brought to [shared, own, summed] and multiplied as matrices. */
function einsum(call: Call): Tensor {
  const equation = call.string("equation", "").replace(/\s/g, "");
  const [left, right] = equation.split("->") as [string, string?];
  const terms = left.split(",");
  const operands = terms.map((_, i) => call.input(i));
  const distinct = (term: string): boolean => /^[A-Za-z]*$/.test(term) && new Set(term).size === term.length;
  if (right === undefined || terms.length !== 2 || call.count !== 2 || ![...terms, right].every(distinct)) {
    throw call.error(
      "onnx-unsupported-variant",
      `the equation ${JSON.stringify(equation.slice(0, 80))} needs two operands, a result, and no axis twice.`,
    );
  }
  const extents = new Map<string, number>();
  terms.forEach((term, i) => {
    if (term.length !== operands[i]!.shape.length) throw call.error("shape", "the equation does not fit the ranks.");
    for (let axis = 0; axis < term.length; axis++) extents.set(term[axis]!, operands[i]!.shape[axis]!);
  });
  const [a, b] = terms.map((term) => [...term]) as [string[], string[]];
  const shared = a.filter((name) => b.includes(name) && right.includes(name));
  const summed = a.filter((name) => b.includes(name) && !right.includes(name));
  const [ownA, ownB] = [a.filter((name) => !b.includes(name)), b.filter((name) => !a.includes(name))];
  if (
    [...ownA, ...ownB].some((name) => !right.includes(name)) ||
    right.length !== shared.length + ownA.length + ownB.length
  ) {
    throw call.error(
      "onnx-unsupported-variant",
      "an axis of one operand alone is summed, or an axis of the result is unknown.",
    );
  }
  const size = (names: readonly string[]): number => names.reduce((total, name) => total * extents.get(name)!, 1);
  const arranged = (i: number, names: readonly string[], own: readonly string[]): Tensor =>
    reshape(
      transpose(
        operands[i]!,
        [...shared, ...own, ...summed].map((name) => names.indexOf(name)),
      ),
      [size(shared), size(own), size(summed)],
    );
  const result = matmul(arranged(0, a, ownA), arranged(1, b, ownB), { transposeB: true });
  const order = [...shared, ...ownA, ...ownB];
  return transpose(
    reshape(
      result,
      order.map((name) => extents.get(name)!),
    ),
    [...right].map((name) => order.indexOf(name)),
  );
}

/** Matrix products. */
export const matrix: readonly OpEntry[] = [
  { name: "MatMul", since: 1, limits: "floating-point operands", translate: multiplied },
  { name: "Gemm", since: 7, translate: gemm },
  {
    name: "Einsum",
    since: 12,
    limits: "two operands, explicit result, no repeated or lone summed axis",
    translate: einsum,
  },
  { name: "com.microsoft::FusedMatMul", since: 1, limits: "batch axes in place", translate: fused },
];
