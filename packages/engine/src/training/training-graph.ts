import { EngineError } from "../errors.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { add, div, dot, mul } from "../ops/arithmetic.ts";
import { minimum } from "../ops/compare.ts";
import { input } from "../ops/leaf.ts";
import { mean } from "../ops/reduce.ts";
import { sum } from "../ops/shape.ts";
import { sqrt } from "../ops/unary.ts";
import { applyOptimiser, numberNames, stateInputs } from "../optimisers/apply-optimiser.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import type { Shape, Tensor, Tensors } from "../tensor.ts";

/** A loss that also says how the buffers (running statistics and the like) go on. */
export interface LossWithBuffers {
  /** A scalar, or one number an example [B]. */
  readonly loss: Tensor;
  /** The next value of every buffer. */
  readonly buffers: Tensors;
}

/** The loss of a batch: a scalar, or one number an example [B], which is averaged. Buffers are state that no gradient moves. */
export type LossFunction = (parameters: Tensors, batch: Tensors, buffers: Tensors) => Tensor | LossWithBuffers;

export interface TrainingGraphOptions {
  /** Symbolic inputs of one batch, by name. */
  readonly batch: Tensors;
  readonly parameters: Readonly<Record<string, { readonly shape: Shape }>>;
  readonly buffers?: Readonly<Record<string, { readonly shape: Shape }>>;
  readonly loss: LossFunction;
  readonly optimiser: Optimiser;
  /** Weigh the examples by an input `weights` [B]; the loss must give one number an example. */
  readonly weighted?: boolean;
  /** Largest norm c of the whole gradient: g ← g min(1, c / ‖g‖). */
  readonly clipNorm?: number;
}

const groupInputs = (group: string, arrays: Readonly<Record<string, { readonly shape: Shape }>>): Tensors =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, input(`${group}/${name}`, shape)]));

const underGroup = (group: string, tensors: Tensors): [string, Tensor][] =>
  Object.entries(tensors).map(([name, tensor]) => [`${group}/${name}`, tensor]);

/**
 * A whole training step as one graph: loss, gradient, the optimiser's update.
 *
 * Inputs `parameters/p`, `buffers/b` and `state/p/slot` come out again under the same names with their next values; further inputs are
 * `batch/x`, the scalars `numbers/n` and, where weighted, `weights` [B]. Further outputs are the scalars `loss` and `gradientNorm`, ‖g‖ before
 * any clipping.
 *
 * @throws EngineError `shape` when the loss is neither a scalar nor [B], or not [B] where it is to be weighted; `missing-buffer`.
 */
export function trainingGraph(options: TrainingGraphOptions): Graph {
  const { batch, optimiser, weighted = false, clipNorm } = options;
  const parameters = groupInputs("parameters", options.parameters);
  const buffers = groupInputs("buffers", options.buffers ?? {});
  const state = stateInputs(optimiser, parameters, "state");
  const numbers = Object.fromEntries(numberNames(optimiser).map((name) => [name, input(`numbers/${name}`, [])]));
  const examples = Object.values(batch)[0]?.shape[0] ?? 0;
  const weights = weighted ? input("weights", [examples]) : undefined;

  const given = options.loss(parameters, batch, buffers);
  const { loss: raw, buffers: nextBuffers } = "op" in given ? { loss: given, buffers: {} } : given;
  const loss = averaged(raw, examples, weights);
  const names = Object.keys(parameters);
  const gradients = grad(loss, Object.values(parameters));
  const squared = gradients.map((g) => dot(g, g)).reduce((a, b) => add(a, b));
  const gradientNorm = sqrt(squared);
  const factor = clipNorm === undefined ? undefined : minimum(1, div(clipNorm, gradientNorm));
  const used = gradients.map((g) => (factor === undefined ? g : mul(g, factor)));
  const next = applyOptimiser(
    optimiser,
    parameters,
    Object.fromEntries(names.map((name, i) => [name, used[i]!])),
    state,
    numbers,
  );
  for (const name of Object.keys(buffers)) {
    if (nextBuffers[name] === undefined)
      throw new EngineError(
        "missing-buffer",
        `The loss gives no next value for buffer "${name}". Return it unchanged.`,
      );
  }
  const inputs = Object.fromEntries([
    ...underGroup("parameters", parameters),
    ...underGroup("buffers", buffers),
    ...underGroup("state", state),
    ...underGroup("batch", batch),
    ...underGroup("numbers", numbers),
    ...(weights === undefined ? [] : [["weights", weights] as const]),
  ]);
  const outputs = Object.fromEntries([
    ...underGroup("parameters", next.parameters),
    ...underGroup("buffers", nextBuffers),
    ...underGroup("state", next.state),
    ["loss", loss] as const,
    ["gradientNorm", gradientNorm] as const,
  ]);
  return graph(inputs, outputs);
}

/** Σ wᵢ lᵢ / Σ wᵢ, or the mean without weights, or the scalar itself. */
function averaged(loss: Tensor, examples: number, weights: Tensor | undefined): Tensor {
  const perExample = loss.shape.length === 1 && loss.shape[0] === examples;
  if (weights !== undefined && !perExample) {
    throw new EngineError(
      "shape",
      `The loss has shape [${loss.shape.join(", ")}]; an incomplete batch can only be masked in a loss of one number an example, [${examples}]. ` +
        "Return that, or drop the incomplete batch.",
    );
  }
  if (weights !== undefined) return div(dot(weights, loss), sum(weights));
  if (perExample) return mean(loss);
  if (loss.shape.length === 0) return loss;
  throw new EngineError(
    "shape",
    `The loss has shape [${loss.shape.join(", ")}]; it must be a scalar or one number an example, [${examples}].`,
  );
}
