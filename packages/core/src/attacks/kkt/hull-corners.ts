import { linearProgram } from "../../linear-algebra/linear-program.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import { type DenseNet, decisions } from "./dense-layers.ts";
import type { MarginSpan } from "./margin-span.ts";

export interface HullCornersOptions {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** By how much samples may leave the box, as a share of it: what the hull is off by. */
  readonly slack: number;
  /** How many directions are tried. */
  readonly directions: number;
  readonly rng: Rng;
}

/** A corner, how often it came out, and |f| there. */
export interface Corner {
  readonly sample: Float64Array;
  readonly times: number;
  readonly margin: number;
}

/** Corners nearer than this, as a share of the mean distance between them, are one sample. */
const sameWithin = 0.3;
/** |f| of margin samples agrees to this share, off the hull as they are; that of other samples is larger, and still in their span where it is not much so. */
const marginsWithin = 0.06;
const largestMargin = 1.12;

/**
 * Corners of the part of the margin samples' affine hull that lies in the box {lower ≤ x ≤ upper}, by linear programs with random objectives.
 *
 * The samples themselves are corners of it as far as, for each, some coordinate stands at its bound for all others and not for it: then that coordinate's bound
 * is a facet of their simplex. Data with many entries at their bounds, as ink on white, is like that. Nothing but the first layer and the box is used; which
 * corners are samples, their margins say.
 */
export function hullCorners(net: DenseNet, span: MarginSpan, options: HullCornersOptions): readonly Corner[] {
  const { lower, upper, slack, directions, rng } = options;
  const width = span.basis.rows - 1;
  const free = span.rank - 1;
  const along = multiply(span.basis, span.directions);
  const origin = Float64Array.from({ length: width }, (_, j) => {
    let total = 0;
    for (let k = 0; k < span.rank; k++) total += span.basis.data[j * span.rank + k]! * span.origin[k]!;
    return total;
  });
  const { a, b } = constraints(along, origin, { lower, upper, slack });
  const found: { sample: Float64Array; times: number }[] = [];
  for (let i = 0; i < directions; i++) {
    const t = linearProgram(
      Float64Array.from({ length: free }, () => rng.normal()),
      a,
      b,
    );
    if (t === undefined) continue;
    const sample = origin.map((value, j) => {
      let total = value;
      for (let k = 0; k < free; k++) total += along.data[j * free + k]! * t[k]!;
      return total;
    });
    const known = found.find((other) => distanceBetween(other.sample, sample) < 1e-3 * distanceBetween(sample, origin));
    if (known === undefined) found.push({ sample, times: 1 });
    else known.times++;
  }
  const margins = decisions(
    net,
    found.map(({ sample }) => sample),
  );
  return found.map((corner, i) => ({ ...corner, margin: Math.abs(margins[i]!) }));
}

/** The box as rows of A t ≤ b. */
function constraints(
  along: Matrix,
  origin: Float64Array,
  { lower, upper, slack }: Pick<HullCornersOptions, "lower" | "upper" | "slack">,
): { readonly a: Matrix; readonly b: Float64Array } {
  const [width, free] = [origin.length, along.cols];
  const a = matrix(2 * width, free);
  const b = new Float64Array(2 * width);
  for (let j = 0; j < width; j++) {
    const room = slack * (upper[j]! - lower[j]!);
    for (let k = 0; k < free; k++) {
      a.data[j * free + k] = -along.data[j * free + k]!;
      a.data[(width + j) * free + k] = along.data[j * free + k]!;
    }
    b[j] = origin[j]! - lower[j]! + room;
    b[width + j] = upper[j]! - origin[j]! + room;
  }
  return { a, b };
}

/** Corners that are taken for samples. */
export interface MarginCorners {
  /** One corner of each group of neighbours at one margin, those that came out most often first. */
  readonly samples: readonly Float64Array[];
  /** The margin that most of the corners share. */
  readonly margin: number;
  /** Share of the linear programs that ended at it. */
  readonly share: number;
}

/**
 * At most `count` samples from corners: those at the margin that most of them share, in groups of neighbours, for each of which the corner stands that came out
 * most often. The slack turns the corner at a sample into several around it.
 */
export function marginCorners(corners: readonly Corner[], count: number): MarginCorners {
  const votes = corners.map(({ margin }) =>
    corners.reduce((sum, other) => sum + (near(other.margin, margin) ? Math.sqrt(other.times) : 0), 0),
  );
  const margin = corners[votes.indexOf(Math.max(...votes))]?.margin ?? 0;
  const atMargin = corners
    .filter(
      (corner) => near(corner.margin, margin) || (corner.margin > margin && corner.margin < largestMargin * margin),
    )
    .sort((x, y) => y.times - x.times);
  const within = sameWithin * meanDistance(atMargin.slice(0, 2 * count));
  const groups: Corner[][] = [];
  for (const corner of atMargin) {
    const distances = groups.map(([first]) => distanceBetween(first!.sample, corner.sample));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest >= 0 && distances[nearest]! < within) groups[nearest]!.push(corner);
    else groups.push([corner]);
  }
  const times = (group: readonly Corner[]): number => group.reduce((sum, corner) => sum + corner.times, 0);
  groups.sort((x, y) => times(y) - times(x));
  const share = times(atMargin) / Math.max(1, times(corners));
  return { samples: groups.slice(0, count).map(([first]) => first!.sample), margin, share };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= marginsWithin * b;

function meanDistance(corners: readonly Corner[]): number {
  let [total, pairs] = [0, 0];
  corners.forEach(({ sample }, i) => {
    for (const other of corners.slice(0, i)) {
      total += distanceBetween(sample, other.sample);
      pairs++;
    }
  });
  return pairs === 0 ? 0 : total / pairs;
}

function distanceBetween(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let j = 0; j < a.length; j++) total += (a[j]! - b[j]!) ** 2;
  return Math.sqrt(total);
}
