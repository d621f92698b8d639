export { type Batch, type Batches, type BatchesOptions, batchesOf, type Shuffle } from "./batches.ts";
export { type FusedSteps, type FusedStepsOptions, fusedSteps } from "./fused-steps.ts";
export { substitute } from "./substitute.ts";
export { type TrainOptions, train } from "./train.ts";
export {
  type EpochSummary,
  finishTraining,
  type TrainingEvent,
  type TrainingOutcome,
  type TrainingProgress,
  type TrainingResult,
  type TrainingState,
} from "./training-event.ts";
export {
  type LossFunction,
  type LossWithBuffers,
  type TrainingGraphOptions,
  trainingGraph,
} from "./training-graph.ts";
