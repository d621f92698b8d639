import { EngineError } from "../../errors.ts";
import { mul } from "../../ops/arithmetic.ts";
import { greater, minimum, select } from "../../ops/compare.ts";
import { elu, leakyRelu, relu, sigmoid } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";

/** min(max(x, 0), 6). */
export function relu6(x: Tensor): Tensor {
  return minimum(relu(x), 6);
}

/** x for x > 0, eˣ − 1 elsewhere. */
export function eluOf(x: Tensor): Tensor {
  return elu(x, 1);
}

/** Self-normalising unit of Klambauer et al. 2017: λ x for x > 0, λ α (eˣ − 1) elsewhere. */
export function selu(x: Tensor): Tensor {
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/** x for x > 0, slope · x elsewhere, the slope being a tensor. */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  return select(greater(x, 0), x, mul(slope, x));
}

/** What a fused kernel says of the function that it ends with. */
export interface FusedActivation {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

type Ending = (x: Tensor, options: FusedActivation, slope: Tensor | undefined) => Tensor;

const endings: Readonly<Record<string, Ending>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  relu6: (x) => relu6(x),
  elu: (x) => eluOf(x),
  sigmoid: (x) => sigmoid(x),
  leakyrelu: (x, { leakyreluAlpha }) => leakyRelu(x, leakyreluAlpha),
  prelu: (x, _options, slope) => (slope === undefined ? x : prelu(x, slope)),
};

/** Applies the activation of a fused kernel. @throws EngineError `unsupported-op` when it has no rule. */
export function endWith(x: Tensor, options: FusedActivation, slope?: Tensor): Tensor {
  const ending = endings[options.activation ?? "linear"];
  if (ending === undefined) {
    throw new EngineError(
      "unsupported-op",
      `A fused TensorFlow.js kernel ends with the activation "${options.activation}", for which there is no rule. Add one to src/tfjs/trace/activations.ts of @recon/engine.`,
    );
  }
  return ending(x, options, slope);
}
