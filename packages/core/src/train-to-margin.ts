import {
  type Arrays,
  add,
  constant,
  div,
  dot,
  type Executor,
  exp,
  type Graph,
  grad,
  graph,
  greater,
  input,
  log,
  max,
  minimum,
  mul,
  type NdArray,
  neg,
  select,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { traceModel } from "./attacks/model-layers.ts";
import { dataCoordinates } from "./data-coordinates.ts";
import { binaryDecision, signsOf } from "./operators/binary-decision.ts";
import type { Model } from "./problem.ts";
import type { Rng } from "./random.ts";

export interface TrainToMarginOptions {
  /** All of the training data, batch first; targets of two classes. */
  readonly input: NdArray;
  readonly target: NdArray;
  readonly steps: number;
  /** η: a step is min(η / ‖g‖², 10 η) g. */
  readonly rate: number;
  /** Standard deviation of the first layer's initial weights and biases. */
  readonly firstLayer: number;
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/** Steps that one program unrolls. */
const fused = 10;
/** Beyond this margin log(log(1 + e⁻ᵐ)) is −m to the last digit. */
const linearFrom = 34;
/** Weights, and how far the data are from the decision, yᵢ f(Θ; xᵢ), a step before. */
export interface MarginTraining {
  readonly params: Arrays;
  readonly margins: Float64Array;
}

/**
 * Trains a two-class net on all of its data at once until it sits at the margin: full-batch ascent of −log of the logistic loss,
 *
 *     L = −log (1/n) Σᵢ log(1 + e^(−mᵢ)),   mᵢ = yᵢ f(Θ; xᵢ),   Θ ← Θ + min(η/‖g‖², 10 η) g,   g = ∂L/∂Θ
 *
 * The loss itself would leave float64 long before the margins are equal; its logarithm never does. The part of the first layer that is orthogonal to the
 * data does not move, so a net that begins with a linear layer is trained in coordinates of the data's span, which is exact and much faster.
 *
 * Whether the steps sufficed is for the caller to judge.
 *
 * @throws ReconError `not-binary`; the signal's reason when it fires.
 * @see Lyu & Li, Gradient Descent Maximizes the Margin of Homogeneous Neural Networks, ICLR 2020, section 5.
 */
export async function trainToMargin(model: Model, options: TrainToMarginOptions): Promise<MarginTraining> {
  const { input: items, target, steps, rate, executor, signal } = options;
  const signs = signsOf(model, target);
  const initial = initialWeights(model, options);
  const { start, forward, finish } = dataCoordinates(model, initial, items);
  const names = Object.keys(start);
  const program = await executor.compile(
    stepsGraph(start, signs, rate, (parameters) => binaryDecision(model, forward(parameters))),
    {
      precision: "float64",
    },
  );
  let current: Arrays = start;
  let margins = new Float64Array();
  try {
    for (let step = 0; step < steps; step += fused) {
      signal?.throwIfAborted();
      const { margins: reached, ...next } = await program.run(current);
      current = Object.fromEntries(names.map((name) => [name, next[name]!]));
      margins = Float64Array.from(reached!.data);
    }
  } finally {
    await program.dispose();
  }
  return { params: finish(current), margins };
}

/** The model's own start, with the first layer drawn small: what makes the net forget it. */
function initialWeights(model: Model, { firstLayer, rng }: TrainToMarginOptions): Arrays {
  const [first] = traceModel(model).layers;
  const drawn = model.init(rng.split("weights"));
  const small = rng.split("first layer");
  return Object.fromEntries(
    Object.entries(drawn).map(([name, { shape, data }]) => {
      if (name !== first?.weight && name !== first?.bias) return [name, { shape, data: Float64Array.from(data) }];
      const own = small.split(name);
      return [name, { shape, data: Float64Array.from(data, () => firstLayer * own.normal()) }];
    }),
  );
}

/** `fused` steps; outputs the parameters under their names, and `margins` [n] before the last step. */
function stepsGraph(start: Arrays, signs: Float64Array, rate: number, f: (parameters: Tensors) => Tensor): Graph {
  const inputs = Object.fromEntries(Object.entries(start).map(([name, { shape }]) => [name, input(name, shape)]));
  const names = Object.keys(inputs);
  let current: Tensors = inputs;
  let margins: Tensor | undefined;
  for (let step = 0; step < fused; step++) {
    margins = mul(f(current), constant(signs, [signs.length]));
    const gradients = grad(
      negativeLogLoss(margins),
      names.map((name) => current[name]!),
    );
    const squared = gradients.map((g) => dot(g, g)).reduce((a, b) => add(a, b));
    const length = minimum(div(rate, squared), 10 * rate);
    current = Object.fromEntries(names.map((name, i) => [name, add(current[name]!, mul(gradients[i]!, length))]));
  }
  return graph(inputs, { ...current, margins: margins! });
}

/** −log mean log(1 + e⁻ᵐ), by the logarithm of every term. */
function negativeLogLoss(margins: Tensor): Tensor {
  const near = log(softplus(neg(minimum(margins, linearFrom))));
  const terms = select(greater(margins, linearFrom), neg(margins), near);
  const top = stopGradient(max(terms));
  const count = margins.shape[0]!;
  return neg(add(top, sub(log(sum(exp(sub(terms, top)))), Math.log(count))));
}
