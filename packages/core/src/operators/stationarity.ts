import {
  add,
  grad,
  graph,
  mul,
  rewrite,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { ReconError } from "../errors.ts";
import { checkOptions, integer, positive } from "../options.ts";
import type { Model, Operator } from "../problem.ts";
import { trainToMargin } from "../train-to-margin.ts";
import { binaryDecision, binarySigns } from "./binary-decision.ts";
import { checkHomogeneous } from "./homogeneity.ts";
import { fitMultipliers } from "./multiplier-fit.ts";

export interface StationarityOptions {
  /** Steps of full-batch ascent that the victim is trained for, 20 000 unless said. */
  readonly steps?: number;
  /** η of these steps, .3 unless said. */
  readonly rate?: number;
  /** Standard deviation of the first layer's initial weights and biases, 1e-4 unless said; the other layers start as the model says. */
  readonly first_layer?: number;
  /** α of a relaxed ReLU, whose value is max(z, 0) and whose derivative is σ(α z); the ReLU's own step unless given. */
  readonly sharpness?: number;
}

/**
 * The weights of a net that was trained on all of the data until nothing changed: for a net f that is homogeneous in its parameters, trained on two classes
 * y = ±1 under the logistic loss, Θ points where
 *
 *     Θ = Σᵢ λᵢ yᵢ ∂f(Θ; xᵢ)/∂Θ,   λᵢ ≥ 0,   λᵢ = 0 unless yᵢ f(Θ; xᵢ) is the smallest margin
 *
 * The observation is Θ itself, and the unknown is the data with a multiplier λᵢ for each item. Nets have one output, or two whose difference is f; their
 * targets are 0 and 1, or one-hot. Biases may stand in the first layer alone. At exact kinks z = 0, where trained nets have many of their units,
 * the derivative of a ReLU is a number between 0 and 1 that nothing fixes, so that the identity holds only approximately for the true data too.
 *
 * @throws ReconError `bad-option`; `not-homogeneous`, naming the layer; `not-binary`; `not-stationary`, with residual and margins, when training left a margin below 5.
 * @see Lyu & Li, Gradient Descent Maximizes the Margin of Homogeneous Neural Networks, ICLR 2020; Haim et al., Reconstructing Training Data from Trained
 * Neural Networks, NeurIPS 2022, eq. 3.
 */
export function stationarity(options: StationarityOptions = {}): Operator {
  checkOptions("stationarity", options, {
    steps: integer(1),
    rate: positive(),
    first_layer: positive(),
    sharpness: positive(),
  });
  const { steps = 20_000, rate = 0.3, first_layer: firstLayer = 1e-4, sharpness } = options;
  return {
    name: "stationarity",
    options: { steps, rate, first_layer: firstLayer, ...(sharpness !== undefined && { sharpness }) },
    latents: { multipliers: { shape: [] } },
    observe(model: Model, parameters: Tensors, data: Tensors): Tensors {
      checkHomogeneous(model);
      const output = model.forward(parameters, data, "eval");
      const relaxed =
        sharpness === undefined ? output : withRelaxedSteps({ ...parameters, ...data }, output, sharpness);
      const weights = mul(data.multipliers!, binarySigns(model, data.target!));
      const names = Object.keys(model.parameters);
      const gradients = grad(
        sum(mul(weights, binaryDecision(model, relaxed))),
        names.map((name) => parameters[name]!),
      );
      return Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
    },
    release: async ({ model, operator, data, executor, rng, signal }) => {
      checkHomogeneous(model);
      const batch = { input: data.input!, target: data.target! };
      const { params, margins } = await trainToMargin(model, {
        ...{ ...batch, steps, rate, firstLayer, executor, rng },
        ...(signal && { signal }),
      });
      const [least, most] = [Math.min(...margins), Math.max(...margins)];
      if (least >= leastMargin) return params;
      const { residual } = await fitMultipliers({ model, operator, params, observation: params }, executor, batch);
      throw new ReconError(
        "not-stationary",
        `The victim is not trained to a stationary point: after ${steps} steps its weights are ${residual.toPrecision(2)} of their norm away from Σ λᵢ yᵢ ∂f/∂Θ with the best multipliers (the residual), and its margins run from ${least.toPrecision(3)} to ${most.toPrecision(3)}, where each must be at least ${leastMargin} for its weights to obey the conditions that the attack rests on. Train longer. (That is no protection: other attacks do not need it.)`,
      );
    },
  };
}

/** Below this margin the loss is not near zero, and the conditions do not hold. */
const leastMargin = 5;

/** The graph with ReLUs of the same values whose derivative is σ(α z), to any order. */
function withRelaxedSteps(inputs: Tensors, output: Tensor, sharpness: number): Tensor {
  const relaxed = rewrite(graph(inputs, { output }), (node) => {
    if (node.op.name !== "relu") return node;
    const z = node.inputs[0]!;
    const smooth = mul(softplus(mul(z, sharpness)), 1 / sharpness);
    return add(smooth, stopGradient(sub(node, smooth)));
  });
  return relaxed.outputs.output!;
}
