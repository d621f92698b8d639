import { keptEntries, knownNoise, type Problem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type Embedding, embeddingOf } from "../structure/embedding.ts";
import { trainedPositionTable } from "../structure/position-table.ts";

/** What the gradient of a trained table of embeddings gives away. */
export interface VisibleTokens {
  /** Ids that occur in the batch, ascending; how often, where and in which text remains open. */
  readonly ids: readonly number[];
  /** Whether these are all ids that occur: the channel kept every entry and added no noise. */
  readonly complete: boolean;
  /** Length of the longest text, where a table of positions is trained too and nothing of it is hidden. */
  readonly longest?: number;
  /** How it was seen, a clause. */
  readonly reason: string;
}

/** Rows that noise alone would push above the threshold, over the whole table. */
const falseRows = 0.01;

/**
 * The ids of a batch as the rows of the gradient of the table of embeddings that are not zero: row v is Σ ∂ℓ/∂x over the places that hold v, and 0 where none does.
 * The table of positions says how long the longest text is in the same way.
 *
 * Behind Gaussian noise of known deviation σ a row counts where |row|² / σ² exceeds the quantile of χ² with H degrees of freedom that the noise of one row in a hundred
 * tables exceeds.
 *
 * @returns the ids, or a clause that says why they cannot be seen.
 * @see Gupta et al., "Recovering private text in federated learning of language models", NeurIPS 2022, section 4.1.
 */
export function visibleTokens(problem: Problem): VisibleTokens | { readonly reason: string } {
  const embedding: Embedding | { readonly reason: string } = embeddingOf(problem.model);
  if ("reason" in embedding) return embedding;
  const gradient = problem.observation[embedding.table];
  if (!embedding.trained || gradient === undefined) {
    return { reason: "the client sends no gradient of its table of embeddings" };
  }
  const noise = knownNoise(problem);
  const ids = occupiedRows(gradient, noise);
  const complete = noise === 0 && keptEntries(problem) !== "some";
  // Where rows may be hidden, the last one that shows is no length.
  const longest = complete ? visibleLength(problem) : undefined;
  const batch = Number(problem.knowledge.batchSize) || Number.POSITIVE_INFINITY;
  const most = batch * (longest ?? problem.model.input.shape[0]!);
  if (ids.length > most) {
    const why = embedding.shared ? "the head shares the table" : "something else than its tokens touched them";
    return { reason: `${ids.length} rows of the table have a gradient, more than a batch holds tokens: ${why}` };
  }
  if (ids.length === 0) return { reason: "no row of the table has a gradient that stands out" };
  const how = noise > 0 ? "stand out of the noise" : "are not zero";
  return {
    ids,
    complete,
    ...(longest !== undefined && { longest }),
    reason: `${ids.length} rows of the table's gradient ${how}`,
  };
}

function visibleLength({ model, observation }: Problem): number | undefined {
  const table = trainedPositionTable(model);
  const gradient = table === undefined ? undefined : observation[table];
  if (gradient === undefined) return undefined;
  const last = occupiedRows(gradient, 0).at(-1);
  return last === undefined ? undefined : last + 1;
}

/** Rows that hold something, or more than noise would. */
function occupiedRows({ shape, data }: NdArray, noise: number): number[] {
  const [rows, width] = shape as [number, number];
  const threshold = noise > 0 ? noise ** 2 * upperQuantile(width, falseRows / rows) : 0;
  return Array.from({ length: rows }, (_, row) => row).filter((row) => {
    let square = 0;
    for (let j = row * width; j < (row + 1) * width; j++) square += data[j]! ** 2;
    return square > threshold;
  });
}

/** What χ² with `freedom` degrees of freedom exceeds with probability `tail`, by the cube root that is nearly normal (Wilson & Hilferty, 1931). */
function upperQuantile(freedom: number, tail: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + normalQuantile(tail) * Math.sqrt(spread)) ** 3;
}

/** z with P(N(0, 1) > z) = tail for small tails, to 4.5e-4 (Abramowitz & Stegun, 26.2.23). */
function normalQuantile(tail: number): number {
  const t = Math.sqrt(-2 * Math.log(tail));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
}
