import { type Item, type Model, ReconError, type Rng, stack } from "@recon/core";
import { badOption } from "@recon/core/options";
import { type Arrays, adam, type Batches, batchesOf, type Executor, train } from "@recon/engine";

export interface TrainForecasterOptions {
  /** Windows of a series; those of `OpenData.training` leave the audited part alone. */
  readonly items: readonly Item[];
  /** How many steps of Adam are taken. */
  readonly steps: number;
  /** Windows a step, 32 unless said. */
  readonly batchSize?: number;
  /** Learning rate, .001 unless said. */
  readonly rate?: number;
  readonly executor: Executor;
  /** Where the initial weights, the order of the windows and what the model draws anew come from. */
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/**
 * Weights of a forecaster after some steps of training on the mean squared error, for victims that are half-trained; with 0 steps those that the model draws.
 *
 * How far a victim was trained decides what its gradient gives away of early steps, so state the number of steps with every result.
 *
 * @throws ReconError `bad-option`; `training` when the loss leaves the finite numbers; the signal's reason when it fires.
 */
export async function trainForecaster(model: Model, options: TrainForecasterOptions): Promise<Arrays> {
  const { items, steps, rate = 1e-3, executor, rng, signal } = options;
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw badOption("trainForecaster", "steps", steps, "a whole number of at least 0");
  }
  const weights = model.init(rng.split("weights"));
  if (steps === 0) return weights;
  if (items.length === 0) throw badOption("trainForecaster", "items", items, "a list of at least one window");
  const run = train({
    parameters: weights,
    loss: (parameters, batch) => {
      const data = { ...batch, input: batch.input!, target: batch.target! };
      return model.loss(model.forward(parameters, data, "train"), data);
    },
    batches: oneEpoch(model, options),
    optimiser: adam({ rate }),
    epochs: 1,
    executor,
    ...(signal !== undefined && { signal }),
  });
  for await (const event of run) {
    if (event.kind !== "result") continue;
    if (event.outcome === "completed") return event.parameters;
    signal?.throwIfAborted();
    throw new ReconError("training", `${model.name} could not be trained: ${event.reason} Try a smaller "rate".`);
  }
  throw new ReconError("training", `${model.name} could not be trained: the run ended without a result.`);
}

/** All steps as one epoch, going through the windows in a new order again and again, with the model's nuisances drawn for every step. */
function oneEpoch(model: Model, { items, steps, batchSize = 32, rng }: TrainForecasterOptions): Batches {
  const size = Math.min(batchSize, items.length);
  const order = rng.split("order");
  const passes = batchesOf({
    data: { input: stack(items.map(({ input }) => input)), target: stack(items.map(({ target }) => target)) },
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
      const stream = rng.split(`nuisances ${step}`);
      const drawn = Object.entries(model.nuisances ?? {}).map(([name, { draw }]) => [
        name,
        draw(stream.split(name), size),
      ]);
      return { arrays: { ...arrays, ...Object.fromEntries(drawn) }, examples };
    },
  };
}
