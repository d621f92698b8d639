import {
  type AttackContext,
  compileMatching,
  knownNoise,
  type Problem,
  type Progress,
  type StructureScorer,
  squared,
} from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";
import { type Exchange, exchangesOf, type SoftFeatures } from "./exchanges.ts";
import { batchOfGraphs } from "./nearest-graphs.ts";

/** Where the exchange of nodes starts. */
export interface ExchangeStart {
  /** The graphs of the batch. */
  readonly graphs: readonly LabelledGraph[];
  /** How probable the search between graphs left every choice. */
  readonly soft: SoftFeatures;
  readonly target: NdArray;
  readonly scorer?: StructureScorer | undefined;
  /** Most graphs that are tried. */
  readonly evaluations: number;
}

/** Where it ends. */
export interface Exchanged {
  readonly graphs: readonly LabelledGraph[];
  readonly evaluations: number;
}

/**
 * Gives one node after the other other features where that explains the observation better, the most promising exchange first:
 *
 *     ‖F(G) − y‖² / 2σ² − log p(G)  becomes smaller,
 *
 * without the second part where no prior or no noise is known. An exchange promises as much as the search and the prior together give for its features.
 */
export async function* exchangeNodes(
  problem: Problem,
  domain: GraphDomain,
  { executor, signal }: Pick<AttackContext, "executor" | "signal">,
  { graphs: start, soft, target, scorer, evaluations }: ExchangeStart,
): AsyncGenerator<Progress, Exchanged> {
  if (evaluations === 0) return { graphs: start, evaluations: 0 };
  const { table } = domain;
  const first = batchOfGraphs(start, domain);
  const parts = { batch: start.length, discrepancy: squared(), energies: [], target, derivatives: false };
  const fitted = { ...problem, model: { ...problem.model, input: { shape: first.shape.slice(1) } } };
  const matching = await compileMatching(fitted, executor, parts, { input: first });
  const variance = knownNoise(problem) ** 2;
  let spent = 0;
  const misfitOf = async (graphs: readonly LabelledGraph[]): Promise<number> => {
    spent++;
    const { discrepancy } = await matching.evaluate({ input: batchOfGraphs(graphs, domain) });
    if (scorer === undefined || variance === 0) return discrepancy;
    const surprise = graphs.reduce((sum, graph) => sum - scorer.logProbability(encodeGraph(graph, table)), 0);
    return discrepancy / variance + surprise;
  };
  try {
    let graphs = start;
    let least = await misfitOf(graphs);
    const tried = new Set<string>([JSON.stringify(graphs)]);
    while (spent < evaluations && !signal.aborted) {
      const promising = best(exchangesOf(graphs, soft, table, scorer), graphs, tried);
      if (promising === undefined) break;
      const misfit = await misfitOf(promising);
      if (misfit < least) [graphs, least] = [promising, misfit];
      yield { kind: "progress", evaluations: spent, fraction: spent / evaluations, objective: least };
    }
    return { graphs, evaluations: spent };
  } finally {
    await matching.dispose();
  }
}

/** The graphs after the most promising exchange that was not tried; they count as tried from then on. */
function best(
  exchanges: readonly Exchange[],
  graphs: readonly LabelledGraph[],
  tried: Set<string>,
): readonly LabelledGraph[] | undefined {
  for (const { item, node, choices } of exchanges.toSorted((a, b) => b.promise - a.promise)) {
    const graph = graphs[item]!;
    const changed = graphs.with(item, { ...graph, nodes: graph.nodes.with(node, choices) });
    const key = JSON.stringify(changed);
    if (tried.has(key)) continue;
    tried.add(key);
    return changed;
  }
  return undefined;
}
