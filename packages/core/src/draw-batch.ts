import { ReconError } from "./errors.ts";
import type { Item, OpenData } from "./problem.ts";
import type { Rng } from "./random.ts";

/** Draws the batch of a trial: trials walk through one seeded order of the data, so that they differ as long as it lasts. */
export async function drawBatch(data: OpenData, batch: number, trial: number, rng: Rng): Promise<Item[]> {
  if (data.size < batch) {
    const skipped = data.skipped.length > 0 ? ` (${data.skipped.length} could not be read)` : "";
    throw new ReconError(
      "too-few-items",
      `The data holds ${data.size} usable items${skipped}, fewer than one batch of ${batch}. Add data or lower "batch".`,
    );
  }
  const start = (trial % Math.floor(data.size / batch)) * batch;
  return Promise.all(
    orderOf(data, rng)
      .slice(start, start + batch)
      .map((index) => data.item(index)),
  );
}

/** How many items a victim can be trained on: those that the data holds apart, else those that none of so many trials draws. */
export function trainingSize({ size, training }: OpenData, batch: number, trials: number): number {
  return training?.size ?? size - drawnSize(size, batch, trials);
}

/** Item `index` of those that a victim can be trained on, in no particular order. */
export function trainingItem(
  data: OpenData,
  batch: number,
  trials: number,
  rng: Rng,
): (index: number) => Promise<Item> {
  const { training } = data;
  if (training !== undefined) return (index) => training.item(index);
  const rest = orderOf(data, rng).slice(drawnSize(data.size, batch, trials));
  return (index) => data.item(rest[index]!);
}

function drawnSize(size: number, batch: number, trials: number): number {
  return batch * Math.min(trials, Math.floor(size / batch));
}

function orderOf({ size }: OpenData, rng: Rng): readonly number[] {
  return rng.split("order").permutation(size);
}
