import {
  composeDefences,
  expectedObservation,
  type Item,
  type Problem,
  parameterInputs,
  parameterValues,
  ReconError,
  type Rng,
} from "@recon/core";
import { type Arrays, adam, batchesOf, type Executor, graph, input, type NdArray, sizeOf, train } from "@recon/engine";
import { gradientSketch } from "./gradient-sketch.ts";
import { levels, pinballLoss, type QuantileNetwork, quantilesOf, quantileWeights } from "./quantile-network.ts";

export interface LearnQuantilesOptions {
  readonly windows: readonly Item[];
  /** Samples of the secret batch, which share the quantiles. */
  readonly batch: number;
  /** Whether the network sees the observation; without it says what the windows alone do. */
  readonly blind?: boolean;
  readonly sketch: number;
  readonly widths: readonly number[];
  readonly epochs: number;
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/** Quantiles of every entry, at `levels`: inputs [levels, T, F] and targets [levels, H]. */
export interface Quantiles {
  readonly input: NdArray;
  readonly target: NdArray;
}

/**
 * Quantiles of inputs and targets given an observation, by a network that is trained on the observations of other windows: for a batch, one envelope of all its samples.
 *
 * @throws ReconError `no-data` without windows of the model's shape; `training` where the loss leaves the finite numbers.
 * @see C. Meijer et al., "TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models", 2025; the sketch of the gradient is ours.
 */
export async function learnQuantiles(problem: Problem, options: LearnQuantilesOptions): Promise<Quantiles> {
  const { batch, blind = false, widths, epochs, executor, rng, signal } = options;
  const { input: inputs, target: targets } = problem.model;
  const windows = options.windows.filter(
    (item) => item.input.shape.join() === inputs.shape.join() && item.target.shape.join() === targets.shape.join(),
  );
  if (windows.length < batch) {
    throw new ReconError(
      "no-data",
      `quantile inversion: ${windows.length} of ${options.windows.length} auxiliary windows have inputs [${inputs.shape.join(", ")}] and targets [${targets.shape.join(", ")}], fewer than a batch of ${batch}. Cut them as the victim's data is cut.`,
    );
  }
  const [steps, ahead] = [sizeOf(inputs.shape), sizeOf(targets.shape)];
  const network: QuantileNetwork = { sketch: options.sketch, widths, outputs: steps + ahead };
  const sketch = blind
    ? () => new Float64Array(network.sketch)
    : gradientSketch(problem.observation, network.sketch, rng.split("sketch"));
  const { sketches, curves } = await examples(problem, windows, { ...options, sketch });
  const { centred, spread } = standardised(sketches, network.sketch);
  const run = train({
    parameters: quantileWeights(network, rng.split("weights")),
    loss: (weights, { sketches: seen, curves: wanted }) => pinballLoss(quantilesOf(weights, seen!, network), wanted!),
    batches: batchesOf({
      data: { sketches: centred, curves },
      batchSize: Math.min(32, windows.length),
      shuffle: (count, epoch) => rng.split(`epoch ${epoch}`).permutation(count),
      incomplete: "drop",
    }),
    optimiser: adam({ rate: 1e-3 }),
    epochs,
    executor,
    ...(signal !== undefined && { signal }),
  });
  for await (const event of run) {
    if (event.kind !== "result") continue;
    signal?.throwIfAborted();
    if (event.outcome !== "completed") throw new ReconError("training", `quantile inversion: ${event.reason}`);
    const seen = spread(sketch(problem.observation));
    return predicted(network, event.parameters, seen, executor, inputs.shape, targets.shape);
  }
  throw new ReconError("training", "quantile inversion: the training ended without a result.");
}

/** What the client would have sent of batches of the windows, as seen through the channel: a batch for every window, filled up at random. */
async function examples(
  problem: Problem,
  windows: readonly Item[],
  {
    batch,
    executor,
    rng,
    sketch,
    signal,
  }: Omit<LearnQuantilesOptions, "sketch"> & { readonly sketch: (sent: Arrays) => Float64Array },
): Promise<{ readonly sketches: readonly Float64Array[]; readonly curves: NdArray }> {
  const { model, defences, params } = problem;
  const data = {
    input: input("input", [batch, ...model.input.shape]),
    target: input("target", [batch, ...model.target.shape]),
  };
  const parameters = parameterInputs(model);
  const channel = composeDefences(defences).channel;
  const sent = expectedObservation({ ...problem, defences: [] }, parameters, data);
  const program = await executor.compile(graph({ ...parameters, ...data }, sent));
  const length = sizeOf(model.input.shape) + sizeOf(model.target.shape);
  const curves = new Float32Array(windows.length * batch * length);
  const sketches: Float64Array[] = [];
  try {
    for (const [i, window] of windows.entries()) {
      signal?.throwIfAborted();
      const random = rng.split(`example ${i}`);
      const others = Array.from({ length: batch - 1 }, () => windows[random.integer(windows.length)]!);
      const items = [window, ...others];
      const joined = (name: "input" | "target"): NdArray => ({
        shape: data[name].shape,
        data: Float32Array.from(items.flatMap((item) => Array.from(item[name].data))),
      });
      items.forEach((item, b) => {
        const from = (i * batch + b) * length;
        curves.set(item.input.data as Float32Array, from);
        curves.set(item.target.data as Float32Array, from + item.input.data.length);
      });
      const clean = await program.run({ ...parameterValues(params), input: joined("input"), target: joined("target") });
      sketches.push(sketch(channel?.apply(clean, random.split("channel")) ?? clean));
    }
  } finally {
    await program.dispose();
  }
  return { sketches, curves: { shape: [windows.length, batch, length], data: curves } };
}

/** Sketches with mean 0 and deviation 1 an entry, and the map that does it. */
function standardised(sketches: readonly Float64Array[], size: number) {
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  for (const one of sketches) {
    one.forEach((value, k) => {
      mean[k]! += value / sketches.length;
    });
  }
  for (const one of sketches) {
    one.forEach((value, k) => {
      square[k]! += (value - mean[k]!) ** 2 / sketches.length;
    });
  }
  const spread = (one: Float64Array): Float32Array =>
    Float32Array.from(one, (value, k) => (square[k]! > 0 ? (value - mean[k]!) / Math.sqrt(square[k]!) : 0));
  const data = new Float32Array(sketches.length * size);
  sketches.forEach((one, i) => {
    data.set(spread(one), i * size);
  });
  return { centred: { shape: [sketches.length, size], data }, spread };
}

async function predicted(
  network: QuantileNetwork,
  parameters: Arrays,
  seen: Float32Array,
  executor: Executor,
  inputShape: readonly number[],
  targetShape: readonly number[],
): Promise<Quantiles> {
  const weights = Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, input(name, shape)]));
  const sketches = input("sketches", [1, network.sketch]);
  const quantiles = quantilesOf(weights, sketches, network);
  const program = await executor.compile(graph({ ...weights, sketches }, { quantiles }));
  try {
    const found = await program.run({ ...parameters, sketches: { shape: sketches.shape, data: seen } });
    const { data } = found.quantiles!;
    const steps = sizeOf(inputShape);
    const rows = (from: number, to: number): Float64Array =>
      Float64Array.from(
        levels.flatMap((_, level) =>
          Array.from(data.subarray(level * network.outputs + from, level * network.outputs + to)),
        ),
      );
    return {
      input: { shape: [levels.length, ...inputShape], data: rows(0, steps) },
      target: { shape: [levels.length, ...targetShape], data: rows(steps, network.outputs) },
    };
  } finally {
    await program.dispose();
  }
}
