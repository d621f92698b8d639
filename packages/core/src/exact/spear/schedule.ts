/** One step of the reweighting. */
export interface Step {
  /** Smoothing ε of the sparsity measure Σ (v² + ε²)^(p/2), for unit rows. */
  readonly smoothing: number;
  /** Exponent p: 1 is the sum of sizes, 0 the sum of logarithms. */
  readonly exponent: 0 | 1;
  /** Strength κ of the coupling to the half-space of the fitted pre-activation; 0 for none. */
  readonly coupling: number;
}

/**
 * From a smooth measure that is coupled loosely to a sharp one that stands on its own.
 *
 * @param scale size of an entry of `rows · q` for a random unit q, 1/√r
 * @param floor smoothing at the end: the noise of an entry, or less
 */
export function longSchedule(scale: number, floor: number): readonly Step[] {
  return steps({
    smoothing: [
      ...repeat(10, 0.6 * scale),
      ...geometric(15, 0.5 * scale, 0.05 * scale),
      ...geometric(7, 0.05 * scale, floor),
    ],
    exponent: [...repeat(25, 1), ...repeat(7, 0)],
    coupling: [...repeat(10, 2), ...repeat(15, 6), ...repeat(3, 2), ...repeat(4, 0)],
  });
}

/** Two thirds of the steps of the long one; enough for small batches. */
export function shortSchedule(scale: number, floor: number): readonly Step[] {
  return steps({
    smoothing: [...repeat(8, 0.6 * scale), ...geometric(12, 0.5 * scale, floor)],
    exponent: [...repeat(8, 1), ...repeat(12, 0)],
    coupling: [...repeat(8, 2), ...repeat(8, 4), ...repeat(4, 0)],
  });
}

function steps(lists: {
  readonly smoothing: readonly number[];
  readonly exponent: readonly number[];
  readonly coupling: readonly number[];
}): Step[] {
  return lists.smoothing.map((smoothing, i) => ({
    smoothing,
    exponent: lists.exponent[i] === 1 ? 1 : 0,
    coupling: lists.coupling[i]!,
  }));
}

const repeat = (count: number, value: number): number[] => new Array<number>(count).fill(value);

function geometric(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
}
