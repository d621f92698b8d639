import { type Item, type Model, ReconError, type Rng } from "@recon/core";
import { badOption } from "@recon/core/options";
import { type Arrays, adam, type Batches, batchesOf, type Executor, type NdArray, train } from "@recon/engine";
import { noToken } from "../ids.ts";

export interface TrainTextModelOptions {
  readonly items: readonly Item[];
  /** How many steps of Adam are taken. */
  readonly steps: number;
  /** Texts a step, 16 unless said. */
  readonly batchSize?: number;
  /** Learning rate, .001 unless said. */
  readonly rate?: number;
  readonly executor: Executor;
  /** Where the initial weights and the order of the texts come from. */
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/**
 * Weights of a model after some steps of training, for comparing attacks on random and on trained victims; with 0 steps those that the model draws.
 *
 * Only parameters are trained: give a model with `embeddings: "trained"` to train its tables too. Its weights fit the same model with frozen ones.
 *
 * @throws ReconError `bad-option`; `training` when the loss leaves the finite numbers; the signal's reason when it fires.
 */
export async function trainTextModel(model: Model, options: TrainTextModelOptions): Promise<Arrays> {
  const { items, steps, batchSize = 16, rate = 1e-3, executor, rng, signal } = options;
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw badOption("trainTextModel", "steps", steps, "a whole number of at least 0");
  }
  const weights = model.init(rng.split("weights"));
  const isBuffer = (name: string): boolean => model.buffers?.[name] !== undefined;
  const buffers = Object.fromEntries(Object.entries(weights).filter(([name]) => isBuffer(name)));
  const run = train({
    parameters: Object.fromEntries(Object.entries(weights).filter(([name]) => !isBuffer(name))),
    buffers,
    loss: (parameters, batch, held) => {
      const data = { input: batch.input!, target: batch.target! };
      return { loss: model.loss(model.forward({ ...parameters, ...held }, data, "train"), data), buffers: held };
    },
    batches: oneEpoch(items, { steps, batchSize, rng: rng.split("order") }),
    optimiser: adam({ rate }),
    epochs: Number(steps > 0),
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

/** So many batches as one epoch, going through the texts in a new order again and again. */
function oneEpoch(
  items: readonly Item[],
  { steps, batchSize, rng }: { readonly steps: number; readonly batchSize: number; readonly rng: Rng },
): Batches {
  const size = Math.min(batchSize, items.length);
  const passes = batchesOf({
    data: { input: rowsOf(items.map(({ input }) => input)), target: rowsOf(items.map(({ target }) => target)) },
    batchSize: size,
    shuffle: (count, pass) => rng.split(`pass ${pass}`).permutation(count),
    incomplete: "drop",
  });
  const each = passes.stepsPerEpoch;
  return { stepsPerEpoch: steps, weighted: false, at: (_, step) => passes.at(Math.floor(step / each), step % each) };
}

/** Items as rows of one array, filled up to the longest with what stands for no token. */
function rowsOf(items: readonly NdArray[]): NdArray {
  const longest = Math.max(0, ...items.map(({ data }) => data.length));
  const data = new Float32Array(items.length * longest).fill(noToken);
  items.forEach((item, i) => {
    data.set(item.data, i * longest);
  });
  return { shape: [items.length, longest], data };
}
