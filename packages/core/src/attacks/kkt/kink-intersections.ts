import type { Matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { type DenseNet, decisions } from "./dense-layers.ts";
import { idleBelow, type UnitPlane } from "./distinct-units.ts";

/** Points where d hyperplanes meet that lie at the margin. */
export interface KinkPoints {
  readonly points: readonly Float64Array[];
  /** f of each. */
  readonly decisions: Float64Array;
  /** The margin γ that most of the points share. */
  readonly margin: number;
}

export interface KinkOptions {
  /** Bounds of every coordinate. */
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Points nearer than this, as a share of the box, are one; .01 unless said. */
  readonly sameWithin?: number;
}

/** Margins of one victim agree to this share. */
const marginsWithin = 0.01;
/** Units whose hyperplanes pass a point at this share of the box have their kink there. */
const nearPlane = 0.007;
/** How many sets of planes are intersected at most. */
const mostSets = 2e5;

/** Whether so many hyperplanes of so many dimensions can all be intersected. */
export function canIntersect(planes: number, dimensions: number): boolean {
  let sets = 1;
  for (let k = 0; k < dimensions; k++) sets *= (planes - k) / (k + 1);
  return dimensions <= planes && dimensions <= 3 && sets <= mostSets;
}

/**
 * Training points in the plane (or on a line, or in space) in closed form: a unit of a trained ReLU net often has its kink exactly at margin samples, so these
 * are where the hyperplanes w·x + b = 0 of d units meet.
 *
 * Every set of d planes is intersected; what falls into the box is evaluated, and the value γ that |f| takes most often, within 1 %, is the margin. Points at
 * other values are chance meetings. Each point is then moved to where the hyperplanes of all units that pass by meet best.
 */
export function kinkIntersections(net: DenseNet, planes: readonly UnitPlane[], options: KinkOptions): KinkPoints {
  const { lower, upper, sameWithin = 0.01 } = options;
  const dimensions = net.first.cols - 1;
  const met = meetings(planes, dimensions).filter((x) =>
    x.every((value, j) => value >= lower[j]! && value <= upper[j]!),
  );
  const values = decisions(net, met);
  const sizes = values.map(Math.abs);
  const near = (i: number): number[] =>
    met.flatMap((_, j) => (Math.abs(sizes[j]! - sizes[i]!) <= marginsWithin * sizes[i]! ? [j] : []));
  const extent = Math.max(...Array.from(upper, (value, j) => value - lower[j]!));
  let chosen: number[] = [];
  let groups: number[][] = [];
  for (let i = 0; i < met.length; i++) {
    const together = near(i);
    if (together.length <= groups.length) continue;
    // The same point met several times is one vote.
    const merged = grouped(together, met, sameWithin * extent);
    if (merged.length > groups.length) [chosen, groups] = [together, merged];
  }
  const points = groups.map((group) => settled(medianOf(group.map((i) => met[i]!)), net.first, nearPlane * extent));
  const margin = chosen.reduce((sum, i) => sum + sizes[i]!, 0) / Math.max(1, chosen.length);
  return { points, decisions: decisions(net, points), margin };
}

/** The points where every set of d planes meets. */
function meetings(planes: readonly UnitPlane[], dimensions: number): Float64Array[] {
  const found: Float64Array[] = [];
  const visit = (from: number, chosen: readonly Float64Array[]): void => {
    if (chosen.length === dimensions) {
      const point = meetingOf(chosen);
      if (point !== undefined) found.push(point);
      return;
    }
    for (let i = from; i < planes.length; i++) visit(i + 1, [...chosen, planes[i]!.plane]);
  };
  visit(0, []);
  return found;
}

/** w·x + b = 0 for each of d planes, by elimination with pivots; undefined where they are nearly parallel. */
function meetingOf(planes: readonly Float64Array[]): Float64Array | undefined {
  const d = planes.length;
  const rows = planes.map((plane) => Float64Array.from(plane));
  for (let k = 0; k < d; k++) {
    let pivot = k;
    for (let i = k + 1; i < d; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    if (!(Math.abs(rows[k]![k]!) > 1e-9)) return undefined;
    for (let i = 0; i < d; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= d; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return Float64Array.from(rows, (row, k) => -row[d]! / row[k]!);
}

const settlingSteps = 6;

/** The point nearest to the hyperplanes of all active units that pass by, by least squares in which those farther off count less. */
function settled(start: Float64Array, first: Matrix, within: number): Float64Array {
  const { rows, cols, data } = first;
  const d = cols - 1;
  const all = Array.from({ length: rows }, (_, i) => data.subarray(i * cols, (i + 1) * cols));
  const largest = Math.max(...all.map(norm));
  const active = all.filter((row) => norm(row) > idleBelow * largest);
  let x = start;
  for (let step = 0; step < settlingSteps; step++) {
    // Normal equations A x + c = 0 as planes, so that the same elimination solves them.
    const normal = Array.from({ length: d }, () => new Float64Array(d + 1));
    for (const row of active) {
      const size = norm(row.subarray(0, d));
      const offset = (x.reduce((sum, value, j) => sum + row[j]! * value, 0) + row[d]!) / size;
      if (!(Math.abs(offset) <= within)) continue;
      const weight = 1 / (1 + ((5 * offset) / within) ** 2) / size ** 2;
      for (let j = 0; j < d; j++) for (let k = 0; k <= d; k++) normal[j]![k]! += weight * row[j]! * row[k]!;
    }
    const next = meetingOf(normal);
    if (next === undefined || distanceBetween(next, start) > within) return x;
    x = next;
  }
  return x;
}

/** Points by closeness to the first of their group. */
function grouped(indices: readonly number[], points: readonly Float64Array[], within: number): number[][] {
  const groups: number[][] = [];
  for (const i of indices) {
    const known = groups.find(([first]) => distanceBetween(points[first!]!, points[i]!) <= within);
    if (known === undefined) groups.push([i]);
    else known.push(i);
  }
  return groups;
}

function distanceBetween(a: Float64Array, b: Float64Array): number {
  return Math.hypot(...a.map((value, j) => value - b[j]!));
}

/** Coordinatewise median: a meeting of nearly parallel planes may lie off. */
function medianOf(points: readonly Float64Array[]): Float64Array {
  return points[0]!.map((_, j) => {
    const sorted = points.map((point) => point[j]!).sort((a, b) => a - b);
    const middle = (sorted.length - 1) / 2;
    return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  });
}
