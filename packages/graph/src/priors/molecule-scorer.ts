import { type Alternative, ReconError, type Rng, type StructureScorer } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { GraphDomain } from "../domain.ts";
import { featureRow } from "../graphs/feature-table.ts";
import { decodeGraph, encodeGraph, type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import { atomReader, possibleAtom } from "../molecules/atom-features.ts";
import { possibleMolecules } from "../molecules/possible-molecule.ts";
import { growGraph } from "./grow-graph.ts";
import { type NodeKind, nodeStatistics } from "./node-statistics.ts";
import { ringSizes, ringStatistics } from "./ring-statistics.ts";

/** Walks that are started for one draw. */
const mostWalks = 5000;

/** Scores and draws molecules like those that are given. */
export function moleculeScorer(
  graphs: readonly LabelledGraph[],
  { table, blind }: Pick<GraphDomain, "table" | "blind">,
  rng: Rng,
): StructureScorer {
  const read = atomReader(table);
  if (read === undefined) throw new ReconError("data-does-not-fit", "The features are not those of atoms.");
  const nodes = nodeStatistics(graphs, table);
  const sorts = { ring: (c: readonly number[]) => read(c).ring, aromatic: (c: readonly number[]) => read(c).aromatic };
  const rings = ringStatistics(graphs, sorts, rng.split("walks"));
  const atoms = nodes.kinds.map(({ choices }) => read(choices));
  const group = table.findIndex(({ name }) => name === "degree");
  /** Whether an atom can exist where it is: with the degree that its features say, and on a cycle if it says that it is of a ring. */
  const exists = ({ choices, degree, cyclic }: PlacedKind): boolean =>
    possibleAtom(read(choices), degree) &&
    read(choices).ring === cyclic &&
    (group < 0 || table[group]!.values[choices[group]!] === `${degree}`);
  const logNode = (kind: PlacedKind, around: readonly NodeKind[]): number =>
    exists(kind)
      ? around.reduce((sum, other) => sum + nodes.logAffinity(kind, other), nodes.logFrequency(kind))
      : Number.NEGATIVE_INFINITY;
  return {
    logProbability: (item) => {
      const graph = decodeGraph(item, table);
      const kinds = kindsOf(graph);
      const own = kinds.reduce((sum, kind) => sum + logNode(kind, []), 0);
      const bonds = graph.edges.reduce((sum, [a, b]) => sum + nodes.logAffinity(kinds[a]!, kinds[b]!), 0);
      return own + bonds + ringSizes(graph).reduce((sum, size) => sum + (size > 0 ? rings.logSize(size) / size : 0), 0);
    },
    alternatives: (item, part) => {
      const graph = decodeGraph(item, table);
      const kinds = kindsOf(graph);
      const around = neighboursOf(graph)[part]!.map((other) => kinds[other]!);
      const own = kinds[part]!;
      const same = ({ choices }: NodeKind): boolean => choices.join() === own.choices.join();
      const candidates = nodes.kinds
        .filter(({ degree }) => degree === own.degree)
        .map((kind) => ({ ...kind, cyclic: own.cyclic }))
        .filter(exists);
      const all = candidates.some(same) || !exists(own) ? candidates : [...candidates, own];
      return all
        .map(
          (kind): Alternative => ({
            item: withRow(item, part, featureRow(table, kind.choices)),
            logProbability: logNode(kind, around),
          }),
        )
        .sort((a, b) => b.logProbability - a.logProbability);
    },
    sample: ([size = 1], stream) => {
      const possible = possibleMolecules(table, "molecule-generator")!;
      for (let i = 0; i < mostWalks; i++) {
        const graph = growGraph(size, { nodes, rings, atoms }, stream.split(`walk ${i}`));
        if (graph !== undefined && possible(graph) === "possible") return encodeGraph(graph, table);
      }
      return blind([size]);
    },
  };
}

/** A kind of node in a place of a graph. */
interface PlacedKind extends NodeKind {
  readonly cyclic: boolean;
}

function kindsOf(graph: LabelledGraph): PlacedKind[] {
  const cyclic = new Set(ringSizes(graph).flatMap((size, edge) => (size > 0 ? graph.edges[edge]! : [])));
  return neighboursOf(graph).map(({ length }, i) => ({
    choices: graph.nodes[i]!,
    degree: length,
    cyclic: cyclic.has(i),
  }));
}

/** The same item with other features of one node. */
function withRow({ shape, data }: NdArray, row: number, features: Float64Array): NdArray {
  const changed = Float32Array.from(data);
  changed.set(features, row * shape[1]!);
  return { shape, data: changed };
}
