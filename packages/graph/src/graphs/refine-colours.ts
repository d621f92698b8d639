import { distanceNames } from "./distance-names.ts";
import { type LabelledGraph, neighboursOf } from "./labelled-graph.ts";

/** A colour for every node of some graphs, from 0 on; equal numbers mean equal colours across the graphs. */
export type Colours = readonly (readonly number[])[];

/** Colours by the nodes' own labels and those of all others by their distance. */
export function distanceColours(graphs: readonly LabelledGraph[]): Colours {
  return ranked(graphs.map(distanceNames));
}

/**
 * Splits colours until nodes of one colour have equally coloured neighbourhoods, in several graphs at once.
 *
 * Isomorphic graphs get equal counts of every colour; the converse fails for some regular graphs. `rounds` stops it earlier.
 *
 * @see B. Weisfeiler, A. Leman, "The reduction of a graph to canonical form and the algebra which appears therein", 1968.
 */
export function refineColours(
  graphs: readonly LabelledGraph[],
  start: Colours,
  rounds: number = Number.POSITIVE_INFINITY,
): Colours {
  const neighbours = graphs.map(neighboursOf);
  let colours = start;
  for (let round = 0, before = -1; round < rounds && countOf(colours) !== before; round++) {
    before = countOf(colours);
    colours = ranked(
      colours.map((of, graph) =>
        of.map((colour, node) => {
          const around = neighbours[graph]![node]!.map((other) => of[other]!).sort((a, b) => a - b);
          return `${colour}:${around.join(",")}`;
        }),
      ),
    );
  }
  return colours;
}

/** Names as numbers by their order, so that renumbering the nodes renumbers nothing else. */
function ranked(names: readonly (readonly string[])[]): Colours {
  const order = [...new Set(names.flat())].sort();
  const rank = new Map(order.map((name, i) => [name, i]));
  return names.map((of) => of.map((name) => rank.get(name)!));
}

function countOf(colours: Colours): number {
  return new Set(colours.flat()).size;
}
