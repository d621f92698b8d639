import { type Card, type DataSource, type Item, type Json, type OpenData, ReconError, rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type GraphDomain, graphDomain } from "../domain.ts";
import { encodeGraph, type LabelledGraph } from "../graphs/labelled-graph.ts";
import { randomEdges, rewiredEdges } from "../graphs/random-graph.ts";
import type { NamedGraph } from "./named-graph.ts";

/** A source of one graph of which the edges are the secret. */
export interface EdgeSource extends DataSource {
  readonly domain: GraphDomain;
}

export interface EdgeSourceOptions {
  readonly name: string;
  readonly options: Json;
  readonly card: Card;
  readonly read: () => NamedGraph;
}

/** Share of the pairs that someone takes for edges who knows nothing: about what small social networks have. */
const usualDensity = 0.1;

/**
 * One graph as a source with a single item: the features of a node are its name (the identity matrix), its target is its class.
 *
 * The model is trained on the very graph that is attacked: that its weights give away the edges is the question. The floor is a random graph, with the true
 * degrees where that scores better, which no attack is told.
 */
export function edgeSource({ name, options, card, read }: EdgeSourceOptions): EdgeSource {
  let loaded: { readonly graph: NamedGraph; readonly domain: GraphDomain } | undefined;
  const load = (): NonNullable<typeof loaded> => {
    if (loaded !== undefined) return loaded;
    const graph = read();
    const { nodes } = graph;
    const domain = graphDomain(
      { features: [{ name: "node", values: nodes }], largest: nodes.length, kind: "edges" },
      (count) => namedNodes(count, randomEdges(count, usualDensity, rng(`blind guess of ${count}`))),
    );
    loaded = { graph, domain };
    return loaded;
  };
  const item = async (index: number): Promise<Item> => {
    const { graph, domain } = load();
    if (index !== 0) throw new ReconError("no-such-item", `${name} has one item, 0; there is no item ${index}.`);
    const encoded = (edges: LabelledGraph["edges"]): NdArray =>
      encodeGraph(namedNodes(graph.nodes.length, edges), domain.table);
    const target = classRows(graph);
    return {
      id: graph.id,
      input: encoded(graph.edges),
      target,
      guess: {
        name: "random graph of the same degrees",
        input: encoded(rewiredEdges(graph.edges, rng(`same degrees as ${graph.id}`))),
        target: { ...target, data: target.data.map(() => 1 / graph.classes) },
      },
    };
  };
  return {
    name,
    options,
    card,
    get domain() {
      return load().domain;
    },
    open: async (): Promise<OpenData> => ({
      size: 1,
      skipped: load().graph.skipped ?? [],
      item,
      training: { size: 1, item },
    }),
  };
}

/** A graph in which every node is its own label. */
function namedNodes(count: number, edges: LabelledGraph["edges"]): LabelledGraph {
  return { nodes: Array.from({ length: count }, (_, node) => [node]), edges };
}

/** One-hot classes [n, C]. */
function classRows({ labels, classes }: NamedGraph): NdArray {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, node) => {
    data[node * classes + label] = 1;
  });
  return { shape: [labels.length, classes], data };
}
