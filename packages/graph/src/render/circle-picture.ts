import type { Picture, ShownItem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { decodeGraph, featureColumns, type LabelledGraph } from "../graphs/labelled-graph.ts";
import { escapeMarkup } from "./escape-markup.ts";
import { colours, type Panel, panel, sideBySide } from "./panels.ts";

type Edges = LabelledGraph["edges"];

/** Names are written where there are at most so many nodes. */
const mostNames = 40;

/**
 * Original, reconstruction and guess with the nodes on a circle, edges in the colour of being right, wrong or missed.
 *
 * Where the original is known, the reconstruction shows as many edges as it has: those with the highest scores, so that scores on any scale can be shown.
 */
export function circlePicture(item: ShownItem, table: FeatureTable): Picture {
  const { truth, estimate, floor, floorName = "blind guess" } = item;
  const actual = truth && decodeGraph(truth, table);
  const names = table.length === 1 ? table[0]!.values : [];
  const panels: Panel[] = [];
  const add = (heading: string, layers: readonly Layer[], size: number): void => {
    panels.push({ heading, content: circle(layers, size, size <= mostNames ? names : []) });
  };
  let caption = "Edges whose score is above ½.";
  if (actual) add("original", [{ edges: actual.edges, colour: colours.plain }], actual.nodes.length);
  for (const [heading, array] of [["reconstruction", estimate] as const, [floorName, floor] as const]) {
    if (array === undefined) continue;
    const { nodes, edges } = decodeGraph(array, table);
    if (actual === undefined) {
      add(heading, [{ edges, colour: colours.plain }], nodes.length);
      continue;
    }
    const said = highest(array, nodes.length, actual.edges.length);
    const [keys, wanted] = [new Set(said.map(String)), new Set(actual.edges.map(String))];
    const right = said.filter((edge) => wanted.has(String(edge)));
    const layers: readonly Layer[] = [
      { edges: actual.edges.filter((edge) => !keys.has(String(edge))), colour: colours.missed, dashed: true },
      { edges: said.filter((edge) => !wanted.has(String(edge))), colour: colours.wrong },
      { edges: right, colour: colours.right },
    ];
    add(heading, layers, nodes.length);
    if (array === estimate) {
      caption = `Of the ${said.length} pairs with the highest scores ${right.length} are edges. Green: right, red: wrong, dashed: missed.`;
    }
  }
  return { title: "edges", caption, svg: sideBySide(panels, caption) };
}

interface Layer {
  readonly edges: Edges;
  readonly colour: string;
  readonly dashed?: boolean;
}

/** The pairs with the highest scores above 0, at most so many; of equal scores the first. */
function highest(array: NdArray, size: number, count: number): Edges {
  const [features, columns] = [featureColumns(array), array.shape[1]!];
  const scored: { readonly edge: readonly [number, number]; readonly score: number }[] = [];
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const score = array.data[a * columns + features + b]! + array.data[b * columns + features + a]!;
      if (score > 0) scored.push({ edge: [a, b], score });
    }
  }
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ edge }) => edge);
}

/** Nodes on a circle, from the top clockwise, and straight edges. */
function circle(layers: readonly Layer[], size: number, names: readonly string[]): string {
  const radius = Math.min(panel.width, panel.height) / 2 - (names.length > 0 ? 26 : 10);
  const place = (node: number, at: number): readonly [string, string] => {
    const angle = (2 * Math.PI * node) / size - Math.PI / 2;
    return [(panel.width / 2 + at * Math.cos(angle)).toFixed(1), (panel.height / 2 + at * Math.sin(angle)).toFixed(1)];
  };
  const lines = layers.map(({ edges, colour, dashed }) => {
    const path = edges.map(([a, b]) => `M${place(a, radius).join(" ")}L${place(b, radius).join(" ")}`).join("");
    const style = dashed ? ' stroke-dasharray="3 3"' : "";
    return path === "" ? "" : `<path d="${path}" stroke="${colour}" stroke-width="1.2" fill="none"${style}/>`;
  });
  const dots = Array.from({ length: size }, (_, node) => {
    const [x, y] = place(node, radius);
    return `<circle cx="${x}" cy="${y}" r="3" fill="#333"/>`;
  });
  const labels = names.slice(0, size).map((name, node) => {
    const [x, y] = place(node, radius + 13);
    return `<text x="${x}" y="${y}" text-anchor="middle" dominant-baseline="middle" font-size="9" fill="#555">${escapeMarkup(name.slice(0, 6))}</text>`;
  });
  return [...lines, ...dots, ...labels].join("");
}
