import { evaluateElementwise } from "../../ops/arithmetic.ts";
import { toFloat, toInt } from "../../ops/compare.ts";
import { broadcastShapes } from "../../ops/indexing.ts";
import { constant } from "../../ops/leaf.ts";
import { type DType, sizeOf, type Tensor } from "../../tensor.ts";
import type { Call } from "./call.ts";

/** Constants up to this size are computed at import. */
const largest = 2 ** 18;

/**
 * An elementwise function of operands that may be integers.
 *
 * The engine computes with floating-point numbers; integers are worked out here where they are known, which shapes and positions are, and
 * otherwise carried through floating-point arithmetic, exact up to 2²⁴ in float32.
 *
 * @param f the function on integers.
 * @param build the function on floating-point tensors.
 */
export function onNumbers(
  call: Call,
  operands: readonly Tensor[],
  f: (...values: number[]) => number,
  build: (...operands: Tensor[]) => Tensor,
): Tensor {
  const dtype = operands[0]!.dtype;
  if (operands.some((x) => x.dtype !== dtype)) {
    throw call.error(
      "onnx-dtype",
      `operands have types ${operands.map((x) => x.dtype).join(" and ")}, which do not mix.`,
    );
  }
  if (dtype === "float") return build(...operands);
  if (dtype === "bool") throw call.error("onnx-dtype", "truth values are not numbers; cast them first.");
  const known = knownElementwise(call, operands, f, dtype);
  return known ?? toInt(build(...operands.map((x) => toFloat(x))));
}

/** The elementwise function of operands that are all known, else undefined. */
export function knownElementwise(
  call: Call,
  operands: readonly Tensor[],
  f: (...values: number[]) => number,
  dtype: DType,
): Tensor | undefined {
  if (operands.some((x) => x.op.name !== "constant")) return undefined;
  const shape = broadcastShapes("elementwise", ...operands.map((x) => x.shape));
  if (sizeOf(shape) > largest) return undefined;
  const values = evaluateElementwise(
    { shape, inputs: operands },
    operands.map((x) => x.attributes.value as Float64Array),
    f,
  );
  if (dtype === "int" && values.some((value) => !Number.isFinite(value))) {
    throw call.error("onnx-data", "an integer result is not a finite number (a division by zero?).");
  }
  return constant(values, shape, dtype);
}
