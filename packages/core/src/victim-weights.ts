import type { Arrays, Executor } from "@recon/engine";
import { trainingItem, trainingSize } from "./draw-batch.ts";
import { ReconError } from "./errors.ts";
import type { Item, Model, OpenData } from "./problem.ts";
import type { Rng } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { trainModel, type VictimTraining } from "./train-model.ts";

/** Where the weights of a trial come from. */
export interface VictimWeightsOptions {
  /** The scenario's model with its defences. */
  readonly model: Model;
  readonly data: OpenData;
  /** Stream of the scenario, from which batches are drawn, and that of the trial. */
  readonly rng: Rng;
  readonly trialRng: Rng;
  readonly executor: Executor;
  readonly signal?: AbortSignal;
}

/**
 * The victim's weights: as the model draws them, or trained from there on items of `OpenData.training`, else on items that no trial of the scenario draws.
 *
 * @throws ReconError `too-few-items` where there is nothing to train on, and what `trainModel` throws.
 */
export async function victimWeights(scenario: Scenario, options: VictimWeightsOptions): Promise<Arrays> {
  const { model, trialRng, executor, signal } = options;
  const { training, source } = scenario;
  if (training === undefined) return model.init(trialRng.split("weights"));
  const { padding } = source.domain;
  return trainModel(model, {
    ...training,
    items: await trainingItems(scenario, training, options),
    ...(padding !== undefined && { padding }),
    executor,
    rng: trialRng,
    ...(signal !== undefined && { signal }),
  });
}

/** As many items as the steps can see, drawn by the trial. */
async function trainingItems(
  { batch, trials }: Scenario,
  training: VictimTraining,
  { data, rng, trialRng }: VictimWeightsOptions,
): Promise<readonly Item[]> {
  const size = trainingSize(data, batch, trials);
  if (size === 0) {
    throw new ReconError(
      "too-few-items",
      "No item is left to train the victim on: the trials draw all that there are. Add data, or lower their number or the batch.",
    );
  }
  const item = trainingItem(data, batch, trials, rng);
  const order = trialRng.split("training items").permutation(size);
  return Promise.all(order.slice(0, training.steps * training.batch).map(item));
}
