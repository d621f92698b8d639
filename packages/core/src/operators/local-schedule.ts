import { concat, slice, type Tensor, type Tensors } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** Which samples the local steps of a client take: all of them K times, or portions in turn. */
export interface LocalSchedule {
  /** K, the number of steps, each on the whole batch; 1 unless said. */
  readonly steps?: number;
  /** b, the samples of one step: the batch is cut into portions of b, the last of which may be smaller. */
  readonly localBatch?: number;
  /** E, how often the portions are gone through; 1 unless said. */
  readonly epochs?: number;
  /** The order of the samples in every epoch, taken in turn; as they come unless said. */
  readonly order?: readonly (readonly number[])[];
}

/**
 * Places of the samples that each step takes, for a batch of B.
 *
 * @throws ReconError `empty-batch` for B = 0, `bad-option` where an order is not one of B samples.
 */
export function localSteps(
  { steps = 1, localBatch, epochs = 1, order }: LocalSchedule,
  batch: number,
): readonly (readonly number[])[] {
  if (batch === 0) throw new ReconError("empty-batch", "update: the batch holds no sample to take a step on.");
  const all = Array.from({ length: batch }, (_, i) => i);
  if (localBatch === undefined) return new Array(steps).fill(all);
  return Array.from({ length: epochs }, (_, epoch) => {
    const places = order === undefined ? all : order[epoch % order.length]!;
    if (places.length !== batch) {
      throw new ReconError(
        "bad-option",
        `update: option "order" holds an order of ${places.length} samples, and the batch has ${batch}.`,
      );
    }
    const count = Math.ceil(batch / localBatch);
    return Array.from({ length: count }, (_, k) => places.slice(k * localBatch, (k + 1) * localBatch));
  }).flat();
}

/** The samples at these places of everything that is in a batch, [b, ...]. */
export function portionOf(data: Tensors, places: readonly number[]): Tensors {
  const inOrder = places.every((place, i) => place === places[0]! + i);
  return Object.fromEntries(
    Object.entries(data).map(([name, values]) => {
      if (inOrder && places.length === values.shape[0]) return [name, values];
      const rows = (from: number, count: number): Tensor =>
        slice(
          values,
          values.shape.map((_, axis) => (axis === 0 ? from : 0)),
          [count, ...values.shape.slice(1)],
        );
      if (inOrder) return [name, rows(places[0]!, places.length)];
      return [
        name,
        concat(
          places.map((place) => rows(place, 1)),
          0,
        ),
      ];
    }),
  );
}
