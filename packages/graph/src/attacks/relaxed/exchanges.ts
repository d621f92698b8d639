import type { StructureScorer } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { choicesOf, type FeatureTable, widthOf } from "../../graphs/feature-table.ts";
import { encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";

/** One node with other features. */
export interface Exchange {
  readonly item: number;
  readonly node: number;
  readonly choices: readonly number[];
  /** How much more probable it is than what is there, in nats. */
  readonly promise: number;
}

/** log probability of every choice of a group, for a node of a graph. */
export type SoftFeatures = (item: number, node: number, group: number, choice: number) => number;

/** What a choice counts at least, so that none is excluded by a search that went too far. */
const least = 1e-4;

/** Reads the probabilities of choices off relaxed graphs [B, n, D + n]. */
export function softFeatures({ shape, data }: NdArray, table: FeatureTable): SoftFeatures {
  const [, rows, columns] = shape as [number, number, number];
  let start = 0;
  const starts = table.map((group) => {
    const own = start;
    start += widthOf(group);
    return own;
  });
  return (item, node, group, choice) => {
    const at = (item * rows + node) * columns + starts[group]!;
    const p = table[group]!.flag ? (choice === 1 ? data[at]! : 1 - data[at]!) : data[at + choice]!;
    return Math.log(Math.max(p, least));
  };
}

/** All exchanges of one node: of its choice in one group, or with a prior for any kind of node that it knows to have as many neighbours. */
export function exchangesOf(
  graphs: readonly LabelledGraph[],
  soft: SoftFeatures,
  table: FeatureTable,
  scorer: StructureScorer | undefined,
): readonly Exchange[] {
  return graphs.flatMap((graph, item) => {
    const encoded = scorer && encodeGraph(graph, table);
    return graph.nodes.flatMap((own, node): Exchange[] => {
      const softly = (choices: readonly number[]): number =>
        choices.reduce((sum, choice, group) => sum + soft(item, node, group, choice), 0);
      if (scorer === undefined || encoded === undefined) {
        return singleChanges(own, table).map((choices) => ({
          item,
          node,
          choices,
          promise: softly(choices) - softly(own),
        }));
      }
      const alternatives = scorer.alternatives(encoded, node).map(({ item: { shape, data }, logProbability }) => {
        const columns = shape[1]!;
        return { choices: choicesOf(table, data.subarray(node * columns, (node + 1) * columns)), logProbability };
      });
      const present = alternatives.find(({ choices }) => choices.join() === own.join());
      // What cannot exist gives way to anything that can.
      const before = (present?.logProbability ?? Math.log(least) * table.length) + softly(own);
      return alternatives
        .filter((one) => one !== present)
        .map(({ choices, logProbability }) => ({
          item,
          node,
          choices,
          promise: logProbability + softly(choices) - before,
        }));
    });
  });
}

/** The choices of a node with another one in one group. */
function singleChanges(own: readonly number[], table: FeatureTable): number[][] {
  return table.flatMap(({ values }, group) =>
    values.flatMap((_, choice) => (choice === own[group] ? [] : [own.with(group, choice)])),
  );
}
