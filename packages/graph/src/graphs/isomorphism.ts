import type { LabelledGraph } from "./labelled-graph.ts";
import { type Colours, distanceColours, refineColours } from "./refine-colours.ts";

/**
 * A numbering under which two labelled graphs are equal, `map[a]` the node of `second` that node a of `first` is; undefined where there is none.
 *
 * One node of a colour that several share is given a colour of its own in both graphs, against each candidate in turn, and colours are refined again. A
 * symmetric graph succeeds with the first candidate, and one that is not isomorphic fails after few.
 */
export function isomorphism(first: LabelledGraph, second: LabelledGraph): readonly number[] | undefined {
  if (first.nodes.length !== second.nodes.length || first.edges.length !== second.edges.length) return undefined;
  const graphs = [first, second] as const;
  return search(graphs, refineColours(graphs, distanceColours(graphs)));
}

function search(graphs: readonly [LabelledGraph, LabelledGraph], colours: Colours): readonly number[] | undefined {
  const [left, right] = colours as readonly [readonly number[], readonly number[]];
  if (left.toSorted(ascending).join() !== right.toSorted(ascending).join()) return undefined;
  const shared = smallestShared(left);
  if (shared === undefined) {
    const map = left.map((colour) => right.indexOf(colour));
    return keepsEdges(graphs, map) ? map : undefined;
  }
  const node = left.indexOf(shared);
  for (let other = 0; other < right.length; other++) {
    if (right[other] !== shared) continue;
    const own = left.length;
    const singled = [left.with(node, own), right.with(other, own)];
    const found = search(graphs, refineColours(graphs, singled));
    if (found !== undefined) return found;
  }
  return undefined;
}

const ascending = (a: number, b: number): number => a - b;

/** The colour that the fewest nodes share, at least two. */
function smallestShared(colours: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  let best: number | undefined;
  for (const [colour, count] of counts) {
    if (count > 1 && (best === undefined || count < counts.get(best)!)) best = colour;
  }
  return best;
}

/** Refined colours settle it, but a proof is cheap. */
function keepsEdges([first, second]: readonly [LabelledGraph, LabelledGraph], map: readonly number[]): boolean {
  const size = map.length;
  const present = new Set(second.edges.map(([a, b]) => a * size + b));
  return first.edges.every(([a, b]) => {
    const [x, y] = [map[a]!, map[b]!];
    return present.has(Math.min(x, y) * size + Math.max(x, y));
  });
}
