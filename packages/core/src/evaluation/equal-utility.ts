/** A point of a utility curve: strengths grow. */
export interface UtilityPoint {
  readonly strength: number;
  readonly loss: number;
}

/**
 * The non-decreasing sequence nearest to the given one in squares (pool adjacent violators): more of a defence cannot be better for training, only noise can make
 * it look so.
 *
 * @see M. Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information", Ann. Math. Stat. 26 (1955).
 */
export function nonDecreasing(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    blocks.push({ sum: value, count: 1 });
    while (blocks.length > 1) {
      const last = blocks.at(-1)!;
      const before = blocks.at(-2)!;
      if (before.sum / before.count <= last.sum / last.count) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  return blocks.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
}

/** The strength at which a defence costs as much, or why there is none. */
export type EqualStrength =
  | { readonly strength: number; readonly note?: string }
  | { readonly strength?: undefined; readonly note: string };

/**
 * The strength whose loss of utility is `level`, interpolated between the points of the sweep: linearly in loss, and in the logarithm of the strength where all are
 * positive.
 *
 * A defence whose strongest setting still costs less gets that setting, with a note: at equal utility it would be stronger yet. One whose weakest setting costs
 * more has none.
 */
export function strengthAtLoss(points: readonly UtilityPoint[], level: number): EqualStrength {
  const losses = nonDecreasing(points.map(({ loss }) => loss));
  const strengths = points.map(({ strength }) => strength);
  const above = losses.findIndex((loss) => loss >= level);
  const [first, last] = [strengths[0], strengths.at(-1)];
  if (first === undefined || last === undefined) return { note: "the sweep is empty" };
  if (above < 0) {
    return {
      strength: last,
      note: `the strongest setting of the sweep costs only ${losses.at(-1)!.toFixed(1)} points`,
    };
  }
  if (above === 0) {
    if (losses[0]! === level) return { strength: first };
    return { note: `the weakest setting of the sweep already costs ${losses[0]!.toFixed(1)} points` };
  }
  const share = (level - losses[above - 1]!) / (losses[above]! - losses[above - 1]!);
  const [low, high] = [strengths[above - 1]!, strengths[above]!];
  return { strength: low > 0 ? low * (high / low) ** share : low + share * (high - low) };
}
