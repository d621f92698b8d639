import type { Arrays } from "../tensor.ts";

/** How a training run ended: all epochs done, the signal fired, or the loss or its gradient left the finite numbers. */
export type TrainingOutcome = "completed" | "aborted" | "diverged";

/** What one epoch came to. */
export interface EpochSummary {
  readonly epoch: number;
  /** Mean loss over the examples, each measured before the step that it was used in. */
  readonly loss: number;
  readonly examples: number;
}

/**
 * A run between two steps: plain data, arrays and numbers. Give it back as `resume` to go on bit for bit.
 *
 * Nothing in it changes later, so it need not be copied.
 */
export interface TrainingState {
  readonly format: "recon-training/1";
  /** Steps done. */
  readonly step: number;
  readonly parameters: Arrays;
  readonly buffers: Arrays;
  /** What the optimiser remembers, by `parameter/slot`. */
  readonly optimiser: Arrays;
  /** The epochs done. */
  readonly history: readonly EpochSummary[];
  /** The epoch that is not done: Σ loss · examples, and examples. */
  readonly lossSum: number;
  readonly examples: number;
}

/** Yielded after every step. */
export interface TrainingProgress {
  readonly kind: "progress";
  /** Steps done, of all steps N. */
  readonly step: number;
  readonly steps: number;
  /** The epoch of this step, 0, 1, …. */
  readonly epoch: number;
  /** Loss of the batch before this step. */
  readonly loss: number;
  /** ‖∇ loss‖₂ over all parameters, before any clipping. */
  readonly gradientNorm: number;
  readonly history: readonly EpochSummary[];
  /** Of all steps, in [0, 1]. */
  readonly fraction: number;
  /** Milliseconds since this run or its resumption began. */
  readonly elapsedMs: number;
  /** Expected milliseconds until the last step, at the pace so far. */
  readonly remainingMs: number;
  readonly state: TrainingState;
}

/** The last event of every run: a verdict, never an exception. */
export interface TrainingResult {
  readonly kind: "result";
  readonly outcome: TrainingOutcome;
  /** The outcome in a sentence. */
  readonly reason: string;
  readonly parameters: Arrays;
  readonly buffers: Arrays;
  readonly history: readonly EpochSummary[];
  readonly steps: number;
  readonly state: TrainingState;
}

export type TrainingEvent = TrainingProgress | TrainingResult;

/** Trains to the end and returns the result. */
export async function finishTraining(events: AsyncIterable<TrainingEvent>): Promise<TrainingResult> {
  for await (const event of events) if (event.kind === "result") return event;
  throw new Error("A training run must end with a result.");
}
