import { grad, graph, input, interpret, type LinearLayer, type NdArray, type Tensor } from "@recon/engine";
import { squaredErrorSample } from "../exact/squared-error-sample.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import type { Model, Problem } from "../problem.ts";
import { clause, knownNoise } from "./conclude.ts";
import { keptEntries } from "./kept-entries.ts";
import { traceModel } from "./model-layers.ts";
import type { Targets } from "./targets.ts";

/**
 * The real target of one sample under squared error, read off the gradient of a linear head whatever the net before it: y = ŷ − db / c with ŷ = W h + b, h = dWᵀ db / |db|².
 *
 * The residual ŷ − y is as large as db says, so that a channel which scales, rounds or disturbs the gradient leaves the target open.
 */
export function headTarget(problem: Problem): Targets {
  const { model, params, observation, operator, knowledge } = problem;
  if (operator.observes === "difference")
    return { reason: "the target is read off one gradient, and several steps were sent as one difference" };
  if (knowledge.weights === undefined) return { reason: "it needs to be told weights to read the target off the head" };
  if (keptEntries(problem) !== "all" || knownNoise(problem) > 0)
    return {
      reason: "the channel changed the head's gradient, which says how far the target lies from the prediction",
    };
  const head = linearHead(model);
  const gradient = head && observation[head.weight];
  const biasGradient = head?.bias === undefined ? undefined : observation[head.bias];
  if (head === undefined || gradient === undefined || biasGradient === undefined)
    return { reason: "the net does not end in a linear head with a bias whose gradient was sent" };
  const { value, reason } = squaredErrorSample(
    {
      weight: weightMatrix(head, params[head.weight]!),
      bias: params[head.bias!]!.data,
      weightGradient: weightMatrix(head, gradient),
      biasGradient: biasGradient.data,
    },
    errorSlope(model),
  );
  if (value === undefined) return { reason: clause(reason) };
  return { value: { shape: [1, ...model.target.shape], data: value.target }, given: ["weights", "lossKind"] };
}

/** ∂ℓ/∂ŷ of one sample as it was sent, and c of ∂ℓ/∂ŷ = c (ŷ − y). */
export interface HeadError {
  /** [1, ...target]. */
  readonly value: NdArray;
  readonly slope: number;
  /** Name of the head's weight [T, F]. */
  readonly weight: string;
}

/** The error of one sample at a linear head: its bias gradient. */
export function headError({ model, observation }: Problem): HeadError | { readonly reason: string } {
  if (model.lossKind !== "mean-squared-error")
    return { reason: "only under squared error does the head show the error that goes back through the net" };
  const head = linearHead(model);
  const sent = head?.bias === undefined ? undefined : observation[head.bias];
  if (sent === undefined)
    return { reason: "the net does not end in a linear head with a bias whose gradient was sent" };
  const shape = [1, ...model.target.shape];
  return { value: { shape, data: Float64Array.from(sent.data) }, slope: errorSlope(model), weight: head!.weight };
}

/** The linear layer with a row a sample that the output is, but for a reshape. */
export function linearHead(model: Model): LinearLayer | undefined {
  const { layers, output } = traceModel(model);
  const head = layers.at(-1);
  if (head?.kind !== "linear" || head.input.shape[0] !== 1 || head.preActivation.shape.length !== 2) return undefined;
  return withoutReshapes(output) === withoutReshapes(head.preActivation) ? head : undefined;
}

function withoutReshapes(x: Tensor): Tensor {
  return x.op.name === "reshape" ? withoutReshapes(x.inputs[0]!) : x;
}

/** c of ∂ℓ/∂ŷ = c (ŷ − y) for one sample, from the model's own loss: 2 / T under a mean over outputs, 2 under a sum. */
function errorSlope(model: Model): number {
  const shape = [1, ...model.target.shape];
  const size = shape.reduce((n, extent) => n * extent, 1);
  const [output, target] = [input("output", shape), input("target", shape)];
  const [error] = grad(model.loss(output, { target }), [output]);
  const ones = { shape, data: new Float64Array(size).fill(1) };
  const zeros = { shape, data: new Float64Array(size) };
  return interpret(graph({ output, target }, { error: error! }), { output: ones, target: zeros }).error!.data[0]!;
}
