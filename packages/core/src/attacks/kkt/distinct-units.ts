import type { Matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";

/** A unit's hyperplane w·x + b = 0, with |(w, b)| = 1, and how many units share it. */
export interface UnitPlane {
  readonly plane: Float64Array;
  readonly units: number;
}

/** Units below this share of the largest row count as idle. */
export const idleBelow = 0.01;
/** Unit vectors that differ by less are one hyperplane. */
const sameWithin = 0.01;

/** The distinct hyperplanes of a layer's units, whichever way their rows point; each is the mean of its units, weighted by their size. */
export function distinctUnits({ rows, cols, data }: Matrix): readonly UnitPlane[] {
  const all = Array.from({ length: rows }, (_, i) => data.subarray(i * cols, (i + 1) * cols));
  const sizes = all.map(norm);
  const largest = Math.max(...sizes);
  const groups: { direction: Float64Array; sum: Float64Array; units: number }[] = [];
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[b]! - sizes[a]!);
  for (const i of order) {
    if (!(sizes[i]! > idleBelow * largest)) continue;
    const direction = all[i]!.map((value) => value / sizes[i]!);
    const known = groups.find((group) => signOf(group.direction, direction) !== 0);
    if (known === undefined) {
      groups.push({ direction, sum: Float64Array.from(all[i]!), units: 1 });
      continue;
    }
    const sign = signOf(known.direction, direction);
    known.sum.forEach((_, j) => {
      known.sum[j]! += sign * all[i]![j]!;
    });
    known.units++;
  }
  return groups.map(({ sum, units }) => {
    const size = norm(sum);
    return { plane: sum.map((value) => value / size), units };
  });
}

/** 1 where unit vectors are alike, −1 where they are opposite, else 0. */
function signOf(a: Float64Array, b: Float64Array): -1 | 0 | 1 {
  let [minus, plus] = [0, 0];
  for (let j = 0; j < a.length; j++) {
    minus += (a[j]! - b[j]!) ** 2;
    plus += (a[j]! + b[j]!) ** 2;
  }
  if (minus < sameWithin ** 2) return 1;
  return plus < sameWithin ** 2 ? -1 : 0;
}
