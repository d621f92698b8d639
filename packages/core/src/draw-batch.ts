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

/** Places of the items that none of so many trials draws. */
export function undrawn(data: OpenData, batch: number, trials: number, rng: Rng): readonly number[] {
  return orderOf(data, rng).slice(batch * Math.min(trials, Math.floor(data.size / batch)));
}

function orderOf({ size }: OpenData, rng: Rng): readonly number[] {
  return rng.split("order").permutation(size);
}
