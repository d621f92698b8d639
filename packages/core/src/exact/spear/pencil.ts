import { matrixVector, norm } from "../../linear-algebra/vector.ts";
import { type FactoredGradient, zeroThreshold } from "./factored-gradient.ts";

/** Entries that must vanish together before it counts as more than chance. */
const leastVotes = 4;

/** A unit vector of a pencil and the number of rows at which it vanishes. */
export interface PencilVector {
  readonly q: Float64Array;
  readonly zeros: number;
}

/**
 * The combinations a cos θ + b sin θ for which the most entries of `rows · q` vanish that do not vanish for all θ: unit vectors, at most two.
 *
 * Columns of two samples that hardly differ are often met as a mixture. Every entry votes for the θ at which it vanishes, and a column of its own gets many
 * votes for the same θ.
 */
export function sparsestInPencil(factored: FactoredGradient, a: Float64Array, b: Float64Array): PencilVector[] {
  const va = matrixVector(factored.rows, a);
  const vb = matrixVector(factored.rows, b);
  const ta = zeroThreshold(factored, a);
  const tb = zeroThreshold(factored, b);
  let common = 0;
  const votes: { angle: number; width: number }[] = [];
  for (let n = 0; n < va.length; n++) {
    const size = Math.hypot(va[n]!, vb[n]!);
    const width = (ta[n]! + tb[n]!) / size;
    if (!(width < 1)) common++;
    else if (width < 0.01) votes.push({ angle: Math.atan(-va[n]! / vb[n]!), width });
  }
  votes.sort((x, y) => x.angle - y.angle);
  // Angles are modulo π: the first ones follow the last.
  const around = [...votes, ...votes.map(({ angle, width }) => ({ angle: angle + Math.PI, width }))];
  const groups: { votes: number; angle: number }[] = [];
  for (let start = 0; start < votes.length; ) {
    let end = start + 1;
    while (
      end < start + votes.length &&
      around[end]!.angle - around[end - 1]!.angle <= around[end]!.width + around[end - 1]!.width
    )
      end++;
    if (end - start >= leastVotes) groups.push({ votes: end - start, angle: around[(start + end) >> 1]!.angle });
    start = end;
  }
  groups.sort((x, y) => y.votes - x.votes);
  return groups.slice(0, 2).map(({ votes: more, angle }) => {
    const q = a.map((value, k) => value * Math.cos(angle) + b[k]! * Math.sin(angle));
    const length = norm(q);
    return { q: q.map((value) => value / length), zeros: common + more };
  });
}
