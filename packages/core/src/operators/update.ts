import { add, grad, mul, recomputed, type Tensor, type Tensors } from "@recon/engine";
import { badOption, checkOptions, flag, integer, oneOf, positive, real } from "../options.ts";
import type { Json, LocalTraining, Model, Operator } from "../problem.ts";
import { type LocalSchedule, localSteps, portionOf } from "./local-schedule.ts";

export interface UpdateOptions extends LocalSchedule {
  /** η, the size of a step. */
  readonly rate: number;
  /** The rule of a step; stochastic gradient descent is the only one that is known. */
  readonly optimiser?: "sgd";
  /** μ, the share of the last step's direction that stays; 0 unless said. */
  readonly momentum?: number;
  /** λ, 0 unless said. */
  readonly weightDecay?: number;
  /** Whether decay shrinks the weights by itself, past the momentum, in place of being part of the gradient; false unless said. */
  readonly decoupled?: boolean;
  /** As of `gradient`. */
  readonly mode?: "train" | "eval";
}

/**
 * What a client sends after K local steps: U = Θ_K − Θ₀ with
 *
 *     mₜ₊₁ = μ mₜ + ∂ℓ(Θₜ; portion t)/∂Θ + λ Θₜ,   Θₜ₊₁ = Θₜ − η mₜ₊₁
 *
 * and, where decay is decoupled, mₜ₊₁ = μ mₜ + ∂ℓ/∂Θ, Θₜ₊₁ = (1 − η λ) Θₜ − η mₜ₊₁. Every step takes the whole batch, or the next portion of it.
 *
 * The steps are unrolled, so an attacker differentiates through all of them: exact where the one-step approximation −U / (K η) ≈ G is not. Buffers stay as
 * they were sent. From ten steps on the derivative keeps the weights and the direction of every step but not its activations, which it computes again: memory grows by
 * these and the program's nodes a step.
 *
 * @throws ReconError `bad-option`.
 * @see McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017, algorithm 1; Loshchilov & Hutter, Decoupled
 * Weight Decay Regularization, ICLR 2019.
 */
export function update(options: UpdateOptions): Operator {
  checkUpdate(options);
  const { rate, optimiser = "sgd", momentum = 0, weightDecay = 0, decoupled = false, mode = "train" } = options;
  return {
    name: "update",
    observes: "difference",
    localTraining: (batch) => localTraining(options, localSteps(options, batch)),
    options: { ...scheduleRecord(options), rate, optimiser, momentum, weightDecay, decoupled, mode },
    observe(model: Model, parameters: Tensors, data: Tensors): Tensors {
      const names = Object.keys(model.parameters);
      const each = (f: (name: string, i: number) => Tensor): Tensors =>
        Object.fromEntries(names.map((name, i) => [name, f(name, i)]));
      let current = parameters;
      let direction: Tensors | undefined;
      // U is summed up step by step: the difference of nearly equal weights would lose its digits.
      let moved: Tensors | undefined;
      const steps = localSteps(options, data.input!.shape[0]!);
      for (const [t, places] of steps.entries()) {
        const portion = portionOf(data, places);
        const computed = grad(
          model.loss(model.forward(current, portion, mode), portion),
          names.map((name) => current[name]!),
        );
        // The derivative begins with the last step, whose activations are needed at once.
        const again = steps.length >= stepsToRecompute && t < steps.length - 1;
        const gradients = again
          ? recomputed(computed, [...Object.values(current), ...Object.values(portion)])
          : computed;
        const decayed = each((name) => (weightDecay === 0 ? current[name]! : mul(current[name]!, weightDecay)));
        const pulled = each((name, i) =>
          weightDecay === 0 || decoupled ? gradients[i]! : add(gradients[i]!, decayed[name]!),
        );
        const last = direction;
        direction =
          last === undefined || momentum === 0
            ? pulled
            : each((name) => add(mul(last[name]!, momentum), pulled[name]!));
        const taken = direction;
        const step = each((name) =>
          mul(weightDecay !== 0 && decoupled ? add(taken[name]!, decayed[name]!) : taken[name]!, -rate),
        );
        const [before, sum] = [current, moved];
        current = { ...before, ...each((name) => add(before[name]!, step[name]!)) };
        moved = sum === undefined ? step : each((name) => add(sum[name]!, step[name]!));
      }
      return moved!;
    },
  };
}

/** K from which on activations are not kept: in five steps they hold less than the nodes that compute them again, see docs/benchmarks/engine.md. */
const stepsToRecompute = 10;

/** The recursion of the weights with every gradient as a symbol: all of it is linear in Θ₀ and the gradients. */
function localTraining(
  { rate, localBatch, momentum = 0, weightDecay = 0, decoupled = false }: UpdateOptions,
  steps: readonly (readonly number[])[],
): LocalTraining {
  // Shares of Θ₀ and of each gradient in the weights, and in the direction.
  const weights = new Float64Array(steps.length + 1);
  const direction = new Float64Array(steps.length + 1);
  weights[0] = 1;
  for (let t = 0; t < steps.length; t++) {
    for (let i = 0; i < weights.length; i++) {
      const decay = weightDecay * weights[i]!;
      direction[i] = momentum * direction[i]! + Number(i === t + 1) + (decoupled ? 0 : decay);
      weights[i]! -= rate * (direction[i]! + (decoupled ? decay : 0));
    }
  }
  return {
    drift: weights[0] - 1,
    describedBy: [
      "localSteps",
      "localLr",
      ...(localBatch === undefined ? [] : ["localSchedule"]),
      ...(momentum > 0 ? ["momentum"] : []),
      ...(weightDecay > 0 ? ["weightDecay"] : []),
    ],
    steps: steps.map((places, t) => ({ weight: weights[t + 1]!, places })),
  };
}

function checkUpdate(options: UpdateOptions): void {
  checkOptions("update", options, {
    rate: positive(),
    steps: integer(1),
    localBatch: integer(1),
    epochs: integer(1),
    order: permutations,
    optimiser: oneOf(["sgd"]),
    momentum: real(0, 1),
    weightDecay: real(0),
    decoupled: flag(),
    mode: oneOf(["train", "eval"]),
  });
  const { rate, steps, localBatch, epochs, order, momentum = 0 } = options;
  if (rate === undefined) throw badOption("update", "rate", rate, "a number above 0");
  if (momentum === 1) throw badOption("update", "momentum", momentum, "below 1");
  if (steps !== undefined && localBatch !== undefined) {
    throw badOption("update", "steps", steps, "left out where localBatch is given, whose epochs count the steps");
  }
  if (localBatch === undefined && (epochs !== undefined || order !== undefined)) {
    const name = epochs !== undefined ? "epochs" : "order";
    throw badOption("update", name, options[name], "left out where there is no localBatch, as every step takes all");
  }
}

const permutations = {
  allowed: "a list of orders, each a permutation of 0, 1, ...",
  is: (value: unknown): value is readonly (readonly number[])[] =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((order) => Array.isArray(order) && order.length > 0 && isPermutation(order)),
};

function isPermutation(order: readonly unknown[]): boolean {
  return (
    new Set(order).size === order.length && order.every((place) => Number.isInteger(place) && inside(place, order))
  );
}

const inside = (place: unknown, { length }: readonly unknown[]): boolean =>
  (place as number) >= 0 && (place as number) < length;

function scheduleRecord({ steps = 1, localBatch, epochs = 1, order }: LocalSchedule): { readonly [key: string]: Json } {
  return localBatch === undefined ? { steps } : { localBatch, epochs, ...(order !== undefined && { order }) };
}
