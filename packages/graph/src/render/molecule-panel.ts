import type * as OpenChemLib from "openchemlib";
import type { FeatureTable } from "../graphs/feature-table.ts";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import { atomOf, graphMolecule } from "../molecules/graph-molecule.ts";
import { chemistryMolecule } from "../molecules/open-chem-lib.ts";
import { panel } from "./panels.ts";

type Library = typeof OpenChemLib;

/** A molecule that is laid out. */
export interface DrawnMolecule {
  readonly chemistry: OpenChemLib.Molecule;
  /** Why there are no bond orders; all are drawn as single bonds then. */
  readonly fault?: string;
}

/** Lays out the molecule of a graph. */
export function laidOut(library: Library, graph: LabelledGraph, table: FeatureTable): DrawnMolecule {
  const decoded = graphMolecule(graph, table);
  const molecule =
    "molecule" in decoded
      ? decoded.molecule
      : {
          atoms: graph.nodes.map((choices) => atomOf(table, choices)),
          bonds: graph.edges.map(([from, to]) => ({ from, to, order: 1 })),
        };
  const chemistry = chemistryMolecule(library, molecule);
  chemistry.inventCoordinates();
  return { chemistry, ...("fault" in decoded && { fault: decoded.fault }) };
}

/** Places every atom where another molecule has the one that it stands for. */
export function placeAs({ chemistry }: DrawnMolecule, other: DrawnMolecule, nodes: readonly number[]): void {
  nodes.forEach((node, atom) => {
    chemistry.setAtomX(atom, other.chemistry.getAtomX(node));
    chemistry.setAtomY(atom, other.chemistry.getAtomY(node));
  });
}

/** What is marked, in one colour. */
export interface Marks {
  readonly nodes: readonly number[];
  /** By index of the edge. */
  readonly edges: readonly number[];
  readonly colour: string;
}

/** The depiction of a molecule for a panel, with marks under its atoms and bonds. */
export function moleculePanel({ chemistry }: DrawnMolecule, { nodes, edges, colour }: Marks): string {
  const svg = chemistry.toSVG(panel.width, panel.height, "molecule", {
    noStereoProblem: true,
    suppressChiralText: true,
  });
  const lines = svg.split("\n").slice(1, -1);
  // The depiction ends with invisible elements at the places of atoms and bonds, made to react to a pointer.
  const places = lines.filter((line) => line.includes('class="event"'));
  const drawing = lines.filter(
    (line) => !line.includes('class="event"') && !line.includes("<style>") && !line.includes("</svg>"),
  );
  const marked = [
    ...edges.map((edge) =>
      placed(places, `Bond:${edge}`, `stroke="${colour}" stroke-width="9" stroke-linecap="round"`),
    ),
    ...nodes.map((node) => placed(places, `Atom:${node}`, `fill="${colour}"`)),
  ];
  return `<g opacity=".4">${marked.join("")}</g><g font-family="sans-serif" stroke-linecap="round">${drawing.join("")}</g>`;
}

/** The element at the place of an atom or bond, made visible. */
function placed(places: readonly string[], name: string, style: string): string {
  const place = places.find((line) => line.includes(`:${name}"`));
  const element = /<(circle|line) [^>]*?((?:cx|x1)=.*?) (?:stroke-width="[^"]*" )?opacity="0"/.exec(place ?? "");
  return element === null ? "" : `<${element[1]} ${element[2]} ${style}/>`;
}
