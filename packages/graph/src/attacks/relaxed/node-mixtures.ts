import type { Alternative, GeneratorPrior, StructureScorer } from "@recon/core";
import { concat, constant, mul, type NdArray, reshape, softmax, sub, sum } from "@recon/engine";
import { columnsOf, type FeatureTable } from "../../graphs/feature-table.ts";
import type { ToldGraphs } from "./told-graphs.ts";

/** Rounds in which every node is given the features that suit its neighbours best. */
const rounds = 5;
/** Logit of what fills up a list. */
const none = -60;
/** Standard deviation of the logits that a search starts from, around those of the prior. */
const spread = 0.1;

/**
 * Graphs with told edges, each node a mixture of those that a prior knows for its place: the unknowns are the logits of the mixtures, which start as the prior has them.
 *
 *     xᵢ = Σₖ softmax(Vᵢ)ₖ · featuresₖ
 *
 * What the prior says of a node depends on its neighbours; they are first given what is most probable of each, in turn.
 */
export function nodeMixtures(
  table: FeatureTable,
  told: ToldGraphs & { readonly adjacency: NdArray },
  scorer: StructureScorer,
): GeneratorPrior {
  const { sizes, adjacency } = told;
  const [batch, nodes] = [sizes.length, Math.max(...sizes)];
  const features = columnsOf(table);
  const lists = sizes.flatMap((size, b) => {
    const own = likelyNodes(size, b, adjacency, features, scorer);
    return Array.from({ length: nodes }, (_, i) => own[i] ?? []);
  });
  const most = Math.max(1, ...lists.map((list) => list.length));
  const rows = new Float64Array(batch * nodes * most * features);
  const start = new Float64Array(batch * nodes * most).fill(none);
  lists.forEach((list, place) => {
    const [node, top] = [place % nodes, list[0]?.logProbability ?? 0];
    list.forEach(({ item: { shape, data }, logProbability }, k) => {
      const at = place * most + k;
      rows.set(data.subarray(node * shape[1]!, node * shape[1]! + features), at * features);
      start[at] = Math.max(none / 2, logProbability - top);
    });
  });
  const present = Float64Array.from({ length: batch * nodes }, (_, i) =>
    Number(i % nodes < sizes[Math.floor(i / nodes)]!),
  );
  return {
    kind: "generator",
    name: "mixtures of probable nodes",
    options: {},
    init: (_, rng) => ({
      mixtures: { shape: [batch, nodes, most], data: start.map((logit) => logit / 2 + spread * rng.normal()) },
    }),
    decode: ({ mixtures }) => {
      const mask = constant(present, [batch, nodes, 1]);
      const shares = reshape(softmax(mixtures!), [batch, nodes, most, 1]);
      const mixed = sum(mul(shares, constant(rows, [batch, nodes, most, features])), [2]);
      const edges = constant(
        adjacency.data.map((edge) => Math.max(0, edge)),
        adjacency.shape,
      );
      return sub(concat([mul(mixed, mask), edges], 2), sub(1, mask));
    },
  };
}

/** For every node of one graph what can stand there, given that its neighbours are what is most probable. */
function likelyNodes(
  size: number,
  item: number,
  { shape, data }: NdArray,
  features: number,
  scorer: StructureScorer,
): (readonly Alternative[])[] {
  const [, rows, columns] = shape as [number, number, number];
  const empty = new Float32Array(size * (features + size));
  for (let i = 0; i < size; i++) {
    const from = (item * rows + i) * columns;
    empty.set(data.subarray(from, from + size), i * (features + size) + features);
  }
  let graph: NdArray = { shape: [size, features + size], data: empty };
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < size; i++) graph = scorer.alternatives(graph, i)[0]?.item ?? graph;
  }
  return Array.from({ length: size }, (_, i) => scorer.alternatives(graph, i));
}
