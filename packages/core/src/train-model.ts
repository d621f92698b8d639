import { type Arrays, adam, type Batches, batchesOf, type Executor, train } from "@recon/engine";
import { stack } from "./arrays.ts";
import { ReconError } from "./errors.ts";
import { drawNuisances } from "./operators/observation-graph.ts";
import { badOption } from "./options.ts";
import type { Item, Model } from "./problem.ts";
import type { Rng } from "./random.ts";

export interface TrainModelOptions {
  /** What it is trained on; those of `OpenData.training` leave the audited items alone. */
  readonly items: readonly Item[];
  /** How many steps of Adam are taken. */
  readonly steps: number;
  /** Items a step, 32 unless said; all of them where there are fewer. */
  readonly batch?: number;
  /** Learning rate, .001 unless said. */
  readonly rate?: number;
  /** What items of different extents are filled up with, as `Domain.padding`. */
  readonly padding?: number;
  readonly executor: Executor;
  /** Where the initial weights, the order of the items and what the model draws anew come from. */
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/**
 * How far a victim is trained before it is observed. Not to be mixed with the training by which a comparison of defences measures their cost: that one trains
 * models of its own.
 */
export type VictimTraining = Required<Pick<TrainModelOptions, "steps" | "batch" | "rate">>;

/**
 * Weights of a model after some steps of Adam on its own loss, going through the items in a new order again and again; with 0 steps those that the model draws.
 *
 * Parameters alone are trained: buffers, such as running statistics or frozen tables, stay as they were drawn. How far a victim was trained can decide what its
 * gradient gives away, so state the number of steps with every result.
 *
 * @throws ReconError `bad-option`; `training` when the loss leaves the finite numbers; the signal's reason when it fires.
 */
export async function trainModel(model: Model, options: TrainModelOptions): Promise<Arrays> {
  const { items, steps, batch = 32, rate = 1e-3, executor, rng, signal } = options;
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw badOption("trainModel", "steps", steps, "a whole number of at least 0");
  }
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw badOption("trainModel", "batch", batch, "a whole number of at least 1");
  }
  if (!(rate > 0)) throw badOption("trainModel", "rate", rate, "a number above 0");
  const weights = model.init(rng.split("weights"));
  if (steps === 0) return weights;
  if (items.length === 0) throw badOption("trainModel", "items", items, "a list of at least one item");
  const isBuffer = ([name]: readonly [string, unknown]): boolean => model.buffers?.[name] !== undefined;
  const buffers = Object.fromEntries(Object.entries(weights).filter(isBuffer));
  const run = train({
    parameters: Object.fromEntries(Object.entries(weights).filter((entry) => !isBuffer(entry))),
    buffers,
    loss: (parameters, data, held) => ({
      loss: model.loss(model.forward({ ...parameters, ...held }, data, "train"), data),
      buffers: held,
    }),
    batches: oneEpoch(model, options, Math.min(batch, items.length)),
    optimiser: adam({ rate }),
    epochs: 1,
    executor,
    ...(signal !== undefined && { signal }),
  });
  for await (const event of run) {
    if (event.kind !== "result") continue;
    if (event.outcome === "completed") return { ...event.parameters, ...buffers };
    signal?.throwIfAborted();
    throw new ReconError("training", `${model.name} could not be trained: ${event.reason} Try a smaller "rate".`);
  }
  throw new ReconError("training", `${model.name} could not be trained: the run ended without a result.`);
}

/** All steps as one epoch, so that their number is free, with the model's nuisances drawn for every step. */
function oneEpoch(model: Model, { items, steps, padding, rng }: TrainModelOptions, size: number): Batches {
  const order = rng.split("order");
  const passes = batchesOf({
    data: {
      input: stack(
        items.map(({ input }) => input),
        padding,
      ),
      target: stack(items.map(({ target }) => target)),
    },
    batchSize: size,
    shuffle: (count, pass) => order.split(`pass ${pass}`).permutation(count),
    incomplete: "drop",
  });
  const each = passes.stepsPerEpoch;
  return {
    stepsPerEpoch: steps,
    weighted: false,
    at: async (_, step) => {
      const { arrays, examples } = await passes.at(Math.floor(step / each), step % each);
      return { arrays: { ...arrays, ...drawNuisances(model, size, rng.split(`nuisances ${step}`)) }, examples };
    },
  };
}
