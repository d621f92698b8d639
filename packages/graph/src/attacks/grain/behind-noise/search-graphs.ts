import type { Rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type FeatureTable, widthOf } from "../../../graphs/feature-table.ts";
import type { LabelledGraph } from "../../../graphs/labelled-graph.ts";
import { graphsAtOnce, type MisfitProgram } from "./misfit-program.ts";
import { type MoveOptions, moved } from "./moves.ts";

export interface GraphSearch {
  readonly program: MisfitProgram;
  readonly table: FeatureTable;
  /** σ² of the noise. */
  readonly variance: number;
  /** −log p of a graph up to a constant. */
  readonly surprise: (graph: LabelledGraph) => number;
  readonly moves: MoveOptions;
  readonly starts: readonly LabelledGraph[];
  /** Most graphs that are compared with the observation. */
  readonly evaluations: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/** A graph with its ‖G − y‖² and −log p. */
export interface Compared {
  readonly graph: LabelledGraph;
  readonly misfit: number;
  readonly surprise: number;
}

/** Searches side by side. */
const chains = 2;
/** Moves that are drawn for each in a round, of which the most promising are tried. */
const drawn = 32;
/** Moves of them that are tried. */
const each = Math.floor(graphsAtOnce / chains);
/** Most of them that change the number of nodes. */
const resizedShare = 0.4;
/** Share of the evaluations after which a search ends that has explained the observation and found nothing better. */
const patience = 0.2;
/** Standard deviations of ‖noise‖² by which a misfit that is explained may exceed its mean. */
const deviations = 3;
/** What a misfit counts at first, in nats: the noise is taken for as large as makes it so. */
const nats = 10;

/**
 * argmin ‖F(G) − y‖² / 2σ² − log p(G) over graphs, by exchanges of atoms and bonds in a few searches side by side, from a larger noise to that which is there:
 *
 *     misfit / 2τ² − log p(G),   τ² falls with the misfit reached and ends at σ²
 *
 * Moves are drawn, and those tried that the slope of the misfit between graphs promises most of.
 */
export async function searchGraphs(
  search: GraphSearch,
): Promise<{ readonly best: Compared; readonly evaluations: number }> {
  const { program, variance, surprise, starts, evaluations, rng, signal } = search;
  let spent = 0;
  const compared = async (graphs: readonly LabelledGraph[]): Promise<Compared[]> => {
    spent += graphs.length;
    const misfits = await program.misfits(graphs);
    return graphs.map((graph, i) => ({ graph, misfit: misfits[i]!, surprise: surprise(graph) }));
  };
  const scoreAt =
    (temperature: number) =>
    (one: Compared): number =>
      one.misfit / (2 * variance * temperature) + one.surprise;
  const final = scoreAt(1);
  const floor = program.entries * variance;
  const explained = floor + deviations * Math.sqrt(2 * program.entries) * variance;
  let current = (await compared(starts)).sort((a, b) => a.misfit - b.misfit).slice(0, chains);
  let best = current.reduce((a, b) => (final(b) < final(a) ? b : a));
  /** Evaluations when the best graph was found. */
  let found = spent;
  const slopes = new WeakMap<LabelledGraph, NdArray>();
  const slopesOf = async (graph: LabelledGraph): Promise<NdArray> => {
    const known = slopes.get(graph) ?? (await program.slopes(graph));
    if (!slopes.has(graph)) spent++;
    slopes.set(graph, known);
    return known;
  };
  const ended = (): boolean => best.misfit <= explained && spent - found > patience * evaluations;
  for (let round = 0; spent < evaluations && !ended() && !signal.aborted; round++) {
    const share = (1 - spent / evaluations) ** 2;
    const temperatures = current.map(({ misfit }) =>
      Math.max(1, (share * Math.max(0, misfit - floor)) / (2 * variance * nats)),
    );
    const tried: { readonly chain: number; readonly graph: LabelledGraph }[] = [];
    for (const [chain, { graph }] of current.entries()) {
      const chosen = mostPromising(graph, await slopesOf(graph), 2 * variance * temperatures[chain]!, search);
      tried.push(...chosen.map((next) => ({ chain, graph: next })));
    }
    if (tried.length === 0) break;
    const results = await compared(tried.map(({ graph }) => graph));
    current = current.map((own, chain) => {
      const score = scoreAt(temperatures[chain]!);
      const options = results.filter((_, i) => tried[i]!.chain === chain);
      const next = options.reduce((a, b) => (score(b) < score(a) ? b : a), options[0] ?? own);
      for (const one of options) {
        if (final(one) >= final(best)) continue;
        best = one;
        found = spent;
      }
      return Math.log(rng.uniform()) < score(own) - score(next) ? next : own;
    });
    // The worst search goes on where the best one is.
    if (round % 40 === 39) {
      const order = [...current.keys()].sort((a, b) => current[a]!.misfit - current[b]!.misfit);
      current[order.at(-1)!] = current[order[0]!]!;
    }
  }
  return { best, evaluations: spent };
}

/** Moves from a graph, drawn by what they promise; of those that change the number of nodes, of which slopes say nothing, any. */
function mostPromising(
  graph: LabelledGraph,
  slope: NdArray,
  scale: number,
  { table, moves, rng }: Pick<GraphSearch, "table" | "moves" | "rng">,
): LabelledGraph[] {
  const options: { readonly graph: LabelledGraph; readonly rank: number }[] = [];
  const resized: LabelledGraph[] = [];
  for (let i = 0; i < drawn; i++) {
    const next = moved(graph, moves, rng);
    if (next === undefined) continue;
    // The largest of such sums are a draw without replacement by exp(promise).
    if (next.nodes.length !== graph.nodes.length) resized.push(next);
    else
      options.push({
        graph: next,
        rank: promiseOf(slope, graph, next, table) / scale - Math.log(-Math.log(rng.uniform())),
      });
  }
  const others = resized.slice(0, Math.floor(each * resizedShare));
  const best = options.sort((a, b) => b.rank - a.rank).slice(0, each - others.length);
  return [...best.map((one) => one.graph), ...others];
}

/** By how much a move lets the misfit fall, to first order. */
function promiseOf({ shape, data }: NdArray, before: LabelledGraph, after: LabelledGraph, table: FeatureTable): number {
  const size = before.nodes.length;
  const columns = shape[1]!;
  let fall = 0;
  for (let node = 0; node < size; node++) {
    const [old, own] = [before.nodes[node]!, after.nodes[node]!];
    if (old === own) continue;
    let start = node * columns;
    table.forEach((group, i) => {
      if (group.flag) fall -= data[start]! * (own[i]! - old[i]!);
      else if (own[i] !== old[i]) fall += data[start + old[i]!]! - data[start + own[i]!]!;
      start += widthOf(group);
    });
  }
  const features = columns - size;
  const edge = ([a, b]: readonly [number, number]): number =>
    data[a * columns + features + b]! + data[b * columns + features + a]!;
  for (const one of before.edges) fall += edge(one);
  for (const one of after.edges) fall -= edge(one);
  return fall;
}
