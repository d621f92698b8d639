import {
  type Arrays,
  constant,
  graph,
  input,
  matmul,
  type NdArray,
  rewrite,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { traceModel } from "./attacks/model-layers.ts";
import { matrix, matrixOf, transposed } from "./linear-algebra/matrix.ts";
import { multiply } from "./linear-algebra/multiply.ts";
import { qr } from "./linear-algebra/qr.ts";
import { modelState } from "./model-state.ts";
import type { Model } from "./problem.ts";

/** A net over fixed data, in as few numbers as its training can move. */
export interface DataCoordinates {
  readonly start: Arrays;
  /** Output for the data, [n, ...]. */
  forward(parameters: Tensors): Tensor;
  /** Parameters by their own shapes from those of `start`. */
  finish(parameters: Arrays): Arrays;
}

/**
 * A net over n items whose first layer is replaced by its action on their span: X = R Qᵀ with orthonormal columns in Q [d, n], so X W₁ᵀ = R (W₁ Q)ᵀ.
 *
 * The gradient of any function of X W₁ᵀ lies in that span, so gradient steps on W₁ Q are those on W₁, and W₁ (1 − Q Qᵀ) stays as it was. Nets that do not
 * begin with a linear layer, and data of more items than numbers, are left as they are.
 */
export function dataCoordinates(model: Model, initial: Arrays, items: NdArray): DataCoordinates {
  const count = items.shape[0]!;
  const [first] = traceModel(model).layers;
  const weights = first === undefined ? undefined : initial[first.weight];
  const usable = first?.kind === "linear" && first.layout === "plain" && weights !== undefined;
  const whole = input("input", items.shape);
  const names = Object.keys(modelState(model));
  const parameters = Object.fromEntries(names.map((name) => [name, input(name, modelState(model)[name]!.shape)]));
  const output = model.forward(parameters, { input: whole }, "eval");
  const traced = graph({ ...parameters, input: whole }, { output });
  const isProduct = (node: Tensor): boolean =>
    usable &&
    node.op.name === "matmul" &&
    withoutReshapes(node.inputs[0]!) === whole &&
    withoutReshapes(node.inputs[1]!) === parameters[first.weight];
  const substituted = (values: Tensors, product?: (weight: Tensor) => Tensor): Tensor =>
    rewrite(traced, (node, original) => {
      if (original === whole) return constant(items.data, items.shape);
      const name = names.find((candidate) => parameters[candidate] === original);
      if (name !== undefined) return values[name]!;
      return product !== undefined && isProduct(original) ? product(values[first!.weight]!) : node;
    }).outputs.output!;
  if (!usable || weights.shape.length !== 2 || count >= weights.shape[1]!) {
    return { start: initial, forward: (values) => substituted(values), finish: (values) => values };
  }
  const data = matrix(count, items.data.length / count, items.data);
  const { q, r } = qr(transposed(data));
  const rows = transposed(r);
  const whenDrawn = matrixOf(weights);
  const drawn = multiply(whenDrawn, q);
  return {
    start: { ...initial, [first.weight]: { shape: [drawn.rows, drawn.cols], data: drawn.data } },
    forward: (values) =>
      substituted(values, (weight) => matmul(constant(rows.data, [count, count]), weight, { transposeB: true })),
    finish: (values) => {
      const moved = matrix(
        drawn.rows,
        drawn.cols,
        values[first.weight]!.data.map((value, i) => value - drawn.data[i]!),
      );
      const back = multiply(moved, q, { transposeB: true });
      const restored = whenDrawn.data.map((value, i) => value + back.data[i]!);
      return { ...values, [first.weight]: { shape: weights.shape, data: restored } };
    },
  };
}

function withoutReshapes(node: Tensor): Tensor {
  return node.op.name === "reshape" || node.op.name === "transpose" ? withoutReshapes(node.inputs[0]!) : node;
}
