import { type NdArray, reshape, slice, sub, type Tensor } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Model } from "../problem.ts";

/**
 * The number whose sign is the class: z for a net with one output, z₁ − z₀ for one with two, shape [B].
 *
 * @throws ReconError `not-binary` for any other output.
 */
export function binaryDecision(model: Model, output: Tensor): Tensor {
  const [batch] = output.shape as [number];
  const classes = classesOf(model);
  if (classes === 1) return reshape(output, [batch]);
  const column = (k: number): Tensor => slice(output, [0, k], [batch, 1]);
  return reshape(sub(column(1), column(0)), [batch]);
}

/** y ∈ {−1, +1} of targets that are one number 0 or 1, or one-hot over two classes: 2 t − 1, or t₁ − t₀; shape [B]. */
export function binarySigns(model: Model, target: Tensor): Tensor {
  const [batch] = target.shape as [number];
  if (classesOf(model) === 2) return binaryDecision(model, target);
  return reshape(sub(target, sub(1, target)), [batch]);
}

/**
 * The same of concrete targets.
 *
 * @throws ReconError `not-binary` when a label is not one of two classes, or when all have the same.
 */
export function signsOf(model: Model, target: NdArray): Float64Array {
  const classes = classesOf(model);
  const count = target.shape[0]!;
  const { data } = target;
  const signs = Float64Array.from({ length: count }, (_, i) =>
    classes === 1 ? 2 * data[i]! - 1 : data[2 * i + 1]! - data[2 * i]!,
  );
  const odd = signs.findIndex((sign) => Math.abs(sign) !== 1);
  if (odd >= 0) {
    const found = Array.from(data.slice(odd * classes, (odd + 1) * classes)).join(", ");
    throw new ReconError("not-binary", `stationarity: label ${odd} is [${found}]; each must be one of two classes.`);
  }
  if (signs.every((sign) => sign === signs[0])) {
    throw new ReconError("not-binary", `stationarity: all ${count} labels are the same class; there must be two.`);
  }
  return signs;
}

function classesOf(model: Model): 1 | 2 {
  const { shape } = model.target;
  const classes = shape.length === 0 ? 1 : shape.reduce((a, b) => a * b, 1);
  if (classes === 1 || classes === 2) return classes;
  throw new ReconError(
    "not-binary",
    `stationarity: ${model.name} has ${classes} outputs; the conditions here are those of two classes, so it must have one or two.`,
  );
}
