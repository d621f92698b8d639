import type { Rng } from "@recon/core";
import type { LabelledGraph } from "../../../graphs/labelled-graph.ts";
import type { MisfitProgram } from "./misfit-program.ts";
import { graphsAtOnce } from "./misfit-program.ts";
import { type MoveOptions, moved } from "./moves.ts";

export interface GraphSearch {
  readonly program: MisfitProgram;
  /** σ² of the noise. */
  readonly variance: number;
  /** −log p of a graph; 0 without a prior. */
  readonly surprise: (graph: LabelledGraph) => number;
  readonly moves: MoveOptions;
  readonly starts: readonly LabelledGraph[];
  readonly evaluations: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  readonly chains?: number;
  readonly heat?: number;
}

/** A graph with ‖G − y‖² / 2σ² − log p. */
export interface Scored {
  readonly graph: LabelledGraph;
  readonly score: number;
}

export async function searchGraphs({
  program,
  variance,
  surprise,
  moves,
  starts,
  evaluations,
  rng,
  signal,
  chains = 4,
  heat = 0.05,
}: GraphSearch): Promise<{ readonly best: Scored; readonly evaluations: number; readonly found: number }> {
  let spent = 0;
  const floor = program.entries / 2;
  const scored = async (graphs: readonly LabelledGraph[]): Promise<Scored[]> => {
    spent += graphs.length;
    const misfits = await program.misfits(graphs);
    return graphs.map((graph, i) => ({ graph, score: misfits[i]! / (2 * variance) + surprise(graph) }));
  };
  let current = (await scored(starts)).sort((a, b) => a.score - b.score).slice(0, chains);
  let best = current[0]!;
  let found = spent;
  const proposals = Math.floor(graphsAtOnce / chains);
  for (let round = 0; spent < evaluations && !signal.aborted; round++) {
    const proposed: { chain: number; graph: LabelledGraph }[] = [];
    for (let chain = 0; chain < current.length; chain++) {
      for (let i = 0, tries = 0; i < proposals && tries < 20 * proposals; tries++) {
        const graph = moved(current[chain]!.graph, moves, rng);
        if (graph === undefined) continue;
        proposed.push({ chain, graph });
        i++;
      }
    }
    if (proposed.length === 0) break;
    const results = await scored(proposed.map(({ graph }) => graph));
    const progress = spent / evaluations;
    current = current.map((own, chain) => {
      const options = results.filter((_, i) => proposed[i]!.chain === chain);
      const temperature = Math.max(1, heat * (1 - progress) ** 2 * (own.score - floor));
      const next = options.reduce((a, b) => (b.score < a.score ? b : a), options[0] ?? own);
      if (next.score < best.score) {
        best = next;
        found = spent;
      }
      return next.score < own.score || rng.uniform() < Math.exp((own.score - next.score) / temperature) ? next : own;
    });
    // The worst chain starts again where the best one is.
    if (round % 25 === 24) {
      const order = [...current.keys()].sort((a, b) => current[a]!.score - current[b]!.score);
      current[order.at(-1)!] = current[order[0]!]!;
    }
  }
  return { best, evaluations: spent, found };
}
