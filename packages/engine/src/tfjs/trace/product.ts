/** Matrix products and normalisation. */
import type { _FusedMatMulAttrs } from "@tensorflow/tfjs-core";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { matmul } from "../../ops/matmul.ts";
import { reshape, transpose } from "../../ops/shape.ts";
import { sqrt } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import { endWith } from "./activations.ts";
import { reshaped } from "./reshaped.ts";
import type { KernelCall, TraceRules } from "./rule.ts";

/**
 * a b + bias, then an activation. A parameter on the right is transposed twice, so that it can later be stored as the engine writes linear layers:
 * [outputs, inputs].
 */
function product({ operand, optional, attributes }: KernelCall): Tensor {
  const { transposeA, transposeB, ...ending } = attributes as _FusedMatMulAttrs;
  const operands = [operand("a"), operand("b")] as const;
  const single = operands.every(({ shape }) => shape.length === 3 && shape[0] === 1);
  const [a, b] = single
    ? [reshaped(operands[0], operands[0].shape.slice(1)), reshaped(operands[1], operands[1].shape.slice(1))]
    : operands;
  const parameter = b.op.name === "input" && b.shape.length === 2 && !transposeB;
  const y = parameter
    ? matmul(a, transpose(b), { transposeA, transposeB: true })
    : matmul(a, b, { transposeA, transposeB });
  const bias = optional("bias");
  const result = endWith(bias === undefined ? y : add(y, bias), ending, optional("preluActivationWeights"));
  return single ? reshape(result, [1, ...result.shape]) : result;
}

/** (x − mean) / √(variance + ε) · scale + offset, each along the last axis. */
function batchNorm({ operand, optional, attributes }: KernelCall): Tensor {
  const { varianceEpsilon } = attributes as { varianceEpsilon: number };
  const centred = sub(operand("x"), operand("mean"));
  const normal = div(centred, sqrt(add(operand("variance"), varianceEpsilon)));
  const [scale, offset] = [optional("scale"), optional("offset")];
  const scaled = scale === undefined ? normal : mul(normal, scale);
  return offset === undefined ? scaled : add(scaled, offset);
}

export const productRules: TraceRules = {
  BatchMatMul: product,
  _FusedMatMul: product,
  FusedBatchNorm: batchNorm,
};
