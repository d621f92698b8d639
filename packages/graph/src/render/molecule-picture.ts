import type { Picture } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import { type GraphMatch, graphMatcher } from "../metrics/match-graphs.ts";
import { openChemLib } from "../molecules/open-chem-lib.ts";
import { laidOut, type Marks, moleculePanel, placeAs } from "./molecule-panel.ts";
import { colours, type Panel, sideBySide } from "./panels.ts";
import type { ShownGraphs } from "./shown-graphs.ts";

const unmarked: Marks = { nodes: [], edges: [], colour: colours.plain };

/**
 * Original, reconstruction and guess as structural formulas, with what is wrong in the reconstruction and what it misses of the original marked.
 *
 * @throws ReconError `missing-package`.
 */
export function moleculePicture(shown: ShownGraphs, table: FeatureTable): Picture {
  const library = openChemLib("pictures of molecules");
  const { truth, estimate, floor, floorName } = shown;
  const match = truth && estimate && graphMatcher(table)(estimate, truth);
  const panels: Panel[] = [];
  const original = truth && laidOut(library, truth, table);
  if (original !== undefined) {
    const marks = match === undefined ? unmarked : missed(match, estimate!, truth!);
    panels.push({ heading: "original", content: moleculePanel(original, marks) });
  }
  const said: string[] = match === undefined ? [] : [captionOf(match, estimate!, truth!)];
  if (estimate !== undefined) {
    const drawn = laidOut(library, estimate, table);
    if (match?.isomorphic) placeAs(drawn, original!, match.nodes);
    if (drawn.fault !== undefined) said.push(`The reconstruction is no molecule: ${drawn.fault}.`);
    const marks = match === undefined ? unmarked : wrong(match, estimate, truth!);
    panels.push({ heading: "reconstruction", content: moleculePanel(drawn, marks) });
  }
  if (floor !== undefined)
    panels.push({ heading: floorName, content: moleculePanel(laidOut(library, floor, table), unmarked) });
  const caption = said.join(" ") || "Bond orders are what the valences leave.";
  return { title: "molecule", caption, svg: sideBySide(panels, caption) };
}

/** Atoms with another feature than the one they stand for, and bonds that are not there. */
function wrong({ nodes, rightEdges }: GraphMatch, estimate: LabelledGraph, truth: LabelledGraph): Marks {
  const right = new Set(rightEdges);
  return {
    nodes: wrongNodes(nodes, estimate, truth),
    edges: estimate.edges.map((_, edge) => edge).filter((edge) => !right.has(edge)),
    colour: colours.wrong,
  };
}

/** Atoms that nothing right stands for, and bonds that no bond lies on. */
function missed({ nodes, rightEdges }: GraphMatch, estimate: LabelledGraph, truth: LabelledGraph): Marks {
  const bad = new Set(wrongNodes(nodes, estimate, truth));
  const found = new Set(nodes.filter((_, node) => !bad.has(node)));
  const covered = new Set(
    rightEdges.map((edge) => {
      const [a, b] = estimate.edges[edge]!;
      return pairKey(nodes[a]!, nodes[b]!);
    }),
  );
  return {
    nodes: truth.nodes.map((_, node) => node).filter((node) => !found.has(node)),
    edges: truth.edges.map((_, edge) => edge).filter((edge) => !covered.has(pairKey(...truth.edges[edge]!))),
    colour: colours.missed,
  };
}

const pairKey = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;

function wrongNodes(nodes: readonly number[], estimate: LabelledGraph, truth: LabelledGraph): number[] {
  return estimate.nodes
    .map((_, node) => node)
    .filter((node) => estimate.nodes[node]!.join() !== truth.nodes[nodes[node]!]?.join());
}

function captionOf(match: GraphMatch, estimate: LabelledGraph, truth: LabelledGraph): string {
  if (match.isomorphic) return "The reconstruction is the original.";
  const right = estimate.nodes.length - wrongNodes(match.nodes, estimate, truth).length;
  const atoms = `${right} of ${truth.nodes.length} atoms and ${match.rightEdges.length} of ${truth.edges.length} bonds are right`;
  return `${atoms}; red: wrong in the reconstruction, amber: missed of the original.`;
}
