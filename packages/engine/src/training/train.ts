import { EngineError } from "../errors.ts";
import type { Executor, Program } from "../executor.ts";
import { input } from "../ops/leaf.ts";
import { numberArrays } from "../optimisers/apply-optimiser.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import type { Arrays, Precision } from "../tensor.ts";
import type { Batch, Batches } from "./batches.ts";
import type { TrainingEvent, TrainingOutcome, TrainingProgress, TrainingState } from "./training-event.ts";
import { type LossFunction, trainingGraph } from "./training-graph.ts";
import { checkResume, startState } from "./training-state.ts";

export interface TrainOptions {
  /** Initial values; with `resume` they give names and shapes only. */
  readonly parameters: Arrays;
  /** Initial values of what the loss carries along without a gradient, such as running statistics. */
  readonly buffers?: Arrays;
  readonly loss: LossFunction;
  readonly batches: Batches;
  /** The method, its learning rate or schedule included; the schedule's N is epochs × steps an epoch. */
  readonly optimiser: Optimiser;
  readonly epochs: number;
  readonly executor: Executor;
  /** float32 unless said. */
  readonly precision?: Precision;
  /** Largest norm of the whole gradient; unlimited by default. */
  readonly clipNorm?: number;
  readonly signal?: AbortSignal;
  /** Called with every progress event before it is yielded. */
  readonly onStep?: (progress: TrainingProgress) => void | Promise<void>;
  /** Go on from here. */
  readonly resume?: TrainingState;
}

/**
 * Minimises a loss over mini-batches. Loss, gradient and update are one compiled program, run once a step.
 *
 * Yields progress after every step and ends with a result. Divergence and abortion are outcomes and not exceptions: the result then holds the
 * last state whose loss and gradient were finite, or the last completed step. Equal options give equal bytes, resumed or not.
 *
 * @throws EngineError `bad-option`, `bad-resume`, `shape` for a loss that is neither a scalar nor [B], and whatever `batches` throws.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainingEvent, void> {
  const { batches, optimiser, epochs, signal, clipNorm, buffers = {}, precision = "float32" } = options;
  if (!Number.isInteger(epochs) || epochs < 0)
    throw new EngineError("bad-option", `The number of epochs must be a whole number from 0 on, not ${epochs}.`);
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new EngineError("bad-option", `The largest gradient norm must be positive, not ${clipNorm}.`);
  const start = { parameters: options.parameters, buffers, optimiser, precision };
  let state = options.resume === undefined ? startState(start) : checkResume(options.resume, start);
  /** The last state whose loss and gradient are known to be finite. */
  let measured = state;
  const steps = epochs * batches.stepsPerEpoch;
  const end = (outcome: TrainingOutcome, reason: string): TrainingEvent => {
    const { parameters, buffers: kept, history, step } = state;
    return { kind: "result", outcome, reason, parameters, buffers: kept, history, steps: step, state };
  };
  const aborted = (): TrainingEvent => end("aborted", `The run was aborted after ${state.step} of ${steps} steps.`);
  const allDone = (): TrainingEvent => end("completed", `All ${epochs} epochs, ${steps} steps, are done.`);
  if (signal?.aborted) return yield aborted();
  if (state.step >= steps) return yield allDone();

  const program = await compileStep(options, await batches.at(0, 0), precision);
  try {
    const first = state.step;
    const started = performance.now();
    while (state.step < steps) {
      const epoch = Math.floor(state.step / batches.stepsPerEpoch);
      const batch = await batches.at(epoch, state.step % batches.stepsPerEpoch);
      if (signal?.aborted) return yield aborted();
      const outputs = await program.run({
        ...underPrefix("parameters/", state.parameters),
        ...underPrefix("buffers/", state.buffers),
        ...underPrefix("state/", state.optimiser),
        ...underPrefix("batch/", batch.arrays),
        ...underPrefix("numbers/", numberArrays(optimiser, { step: state.step, steps })),
        ...(batch.weights === undefined ? {} : { weights: batch.weights }),
      });
      // A step that the signal interrupted is not used: where a run stops depends on completed steps alone.
      if (signal?.aborted) return yield aborted();
      const loss = outputs.loss!.data[0]!;
      const gradientNorm = outputs.gradientNorm!.data[0]!;
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        const what = Number.isFinite(loss) ? "gradient" : "loss";
        const reason = `The ${what} is not finite at step ${state.step}. Try a smaller learning rate.`;
        state = measured;
        return yield end("diverged", reason);
      }
      measured = state;
      state = advance(state, outputs, loss * batch.examples, batch.examples, batches.stepsPerEpoch);
      const elapsedMs = performance.now() - started;
      const progress: TrainingProgress = {
        kind: "progress",
        ...{ step: state.step, steps, epoch, loss, gradientNorm, history: state.history, state, elapsedMs },
        fraction: state.step / steps,
        remainingMs: (elapsedMs / (state.step - first)) * (steps - state.step),
      };
      await options.onStep?.(progress);
      yield progress;
    }
    yield allDone();
  } finally {
    await program.dispose();
  }
}

function compileStep(options: TrainOptions, example: Batch, precision: Precision): Promise<Program> {
  const { parameters, buffers = {}, loss, optimiser, batches, clipNorm } = options;
  const batch = Object.fromEntries(
    Object.entries(example.arrays).map(([name, { shape, data }]) => [
      name,
      input(`batch/${name}`, shape, data instanceof Int32Array ? "int" : "float"),
    ]),
  );
  const shared = { batch, parameters, buffers, loss, optimiser, weighted: batches.weighted };
  return options.executor.compile(trainingGraph(clipNorm === undefined ? shared : { ...shared, clipNorm }), {
    precision,
  });
}

const underPrefix = (prefix: string, arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));

const withoutPrefix = (prefix: string, arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );

/** The state one step later. */
function advance(
  state: TrainingState,
  outputs: Arrays,
  loss: number,
  examples: number,
  stepsPerEpoch: number,
): TrainingState {
  const step = state.step + 1;
  const lossSum = state.lossSum + loss;
  const counted = state.examples + examples;
  const ends = step % stepsPerEpoch === 0;
  const summary = { epoch: step / stepsPerEpoch - 1, loss: lossSum / counted, examples: counted };
  return {
    format: state.format,
    step,
    parameters: withoutPrefix("parameters/", outputs),
    buffers: withoutPrefix("buffers/", outputs),
    optimiser: withoutPrefix("state/", outputs),
    history: ends ? [...state.history, summary] : state.history,
    lossSum: ends ? 0 : lossSum,
    examples: ends ? 0 : counted,
  };
}
