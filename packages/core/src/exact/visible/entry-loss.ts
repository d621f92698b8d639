/** What an entry of value v costs between its bounds, with half its first and half its second derivative. */
export interface EntryLoss {
  cost: number;
  slope: number;
  curvature: number;
}

/** Beyond this many widths a smoothed wall is straight or flat to rounding. */
const farWidths = 36;

/**
 * The loss of one entry, written to `result`:
 *
 *     (v − y)²  where the entry is known;   h(v − upper) + h(lower − v)  otherwise
 *     h(t) = max(0, t)²  for width 0;   h(t) = s² log(1 + e^(t / s))²  for a width s > 0
 *
 * The hinge is zero all over the interval and says only whether v lies in it. The smoothed one also draws v to the inside, where the clean value rather
 * lies than on the very bound, and is convex with the hinge's tails, so that Gauss–Newton steps stay right from far off.
 */
export function entryLoss(v: number, lower: number, upper: number, width: number, result: EntryLoss): void {
  result.cost = 0;
  result.slope = 0;
  result.curvature = 0;
  if (lower === upper) {
    const misfit = v - lower;
    result.cost = misfit * misfit;
    result.slope = misfit;
    result.curvature = 1;
    return;
  }
  if (upper < Infinity) addWall(v - upper, 1, width, result);
  if (lower > -Infinity) addWall(lower - v, -1, width, result);
}

function addWall(t: number, side: number, width: number, result: EntryLoss): void {
  if (width === 0 || t > farWidths * width) {
    if (t <= 0) return;
    result.cost += t * t;
    result.slope += side * t;
    result.curvature += 1;
    return;
  }
  if (t < -farWidths * width) return;
  const growth = Math.exp(t / width);
  const height = width * Math.log1p(growth);
  const share = growth / (1 + growth);
  result.cost += height * height;
  result.slope += side * height * share;
  result.curvature += share * share + (height / width) * share * (1 - share);
}
