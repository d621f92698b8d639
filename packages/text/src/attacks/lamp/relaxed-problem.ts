import { type Problem, ReconError } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { isTextDomain } from "../../domain.ts";
import { noToken } from "../../ids.ts";
import { type Embedding, embeddingOf } from "../../structure/embedding.ts";
import { relaxedModel } from "../../structure/relaxed-model.ts";
import { visibleTokens } from "../bag-of-words-evidence.ts";
import { type EmbeddingTable, embeddingTable } from "./embedding-table.ts";
import { type Place, placesOf } from "./places.ts";
import { toldLengths } from "./told-lengths.ts";

/** A problem of ids as one of embeddings, and the way back. */
export interface RelaxedProblem {
  /** The same observation of the model's continuous twin; its box holds the embeddings that are known. */
  readonly problem: Problem;
  readonly table: EmbeddingTable;
  /** What may stand where, a list of places for each text. */
  readonly places: readonly (readonly Place[])[];
  /** Ids that stand for no text. */
  readonly special: ReadonlySet<number>;
  /** Whether the gradient of the table said which ids occur. */
  readonly restricted: boolean;
  /** Ids [B, T] whose rows are most like the embeddings, by cosine, among those that may stand there. */
  project(embeddings: NdArray): NdArray;
}

/**
 * Lets the ids of a problem move through the space of embeddings, for texts of told lengths.
 *
 * Embeddings of ids that are known to stand at a place, such as those that the tokenizer puts around a text, are held where they are by the box of the domain, and places
 * behind the end of a text at 0. Where the gradient of the table of embeddings names all ids that occur, only these come into question.
 *
 * @returns a clause where it cannot be done.
 */
export function relaxedProblem(problem: Problem): RelaxedProblem | { readonly reason: string } {
  const { domain, model, params, observation } = problem;
  if (!isTextDomain(domain))
    return { reason: `the data is of the domain ${domain.name}, and embeddings are those of texts` };
  const lengths = toldLengths(problem);
  if ("reason" in lengths) return lengths;
  const embedding: Embedding | { readonly reason: string } = embeddingOf(model);
  if ("reason" in embedding) return embedding;
  const { rows, width } = embedding;
  const vocabulary = domain.tokenizer.pieces.length;
  if (rows < vocabulary) {
    return {
      reason: `the tokenizer ${domain.tokenizer.name} has ${vocabulary} ids, and the table of embeddings ${rows} rows: they do not belong together`,
    };
  }
  const seen = visibleTokens(problem);
  const known = "ids" in seen && seen.complete;
  const places = placesOf(domain, lengths, known ? seen.ids : undefined);
  // Where every place is known there is nothing to search for, and any size will do.
  const open = places.flat().find((place) => place.length > 1) ?? domain.tokenizer.pieces.map((_, id) => id);
  const table = embeddingTable(params[embedding.table]!, open);
  let twin: Problem["model"];
  try {
    twin = relaxedModel(model, embedding, lengths);
  } catch (error) {
    if (error instanceof ReconError) return { reason: error.message.replace(/\.$/, "") };
    throw error;
  }
  const own = (name: string): boolean => twin.parameters[name] !== undefined || twin.buffers?.[name] !== undefined;
  const longest = Math.max(...lengths);
  return {
    problem: {
      ...problem,
      model: twin,
      params: Object.fromEntries(Object.entries(params).filter(([name]) => own(name))),
      observation: Object.fromEntries(
        Object.entries(observation).filter(([name]) => twin.parameters[name] !== undefined),
      ),
      domain: { ...domain, ...boxOf(places, table, longest) },
    },
    table,
    places,
    special: domain.tokenizer.special,
    restricted: known,
    project: ({ data }) => {
      const ids = new Float64Array(places.length * longest).fill(noToken);
      places.forEach((text, b) => {
        text.forEach((place, t) => {
          const at = b * longest + t;
          ids[at] = table.nearest(data.subarray(at * width, (at + 1) * width), place);
        });
      });
      return { shape: [places.length, longest], data: ids };
    },
  };
}

/** Bounds of the embeddings [B, T, H]: equal where they are known. */
function boxOf(
  places: RelaxedProblem["places"],
  table: EmbeddingTable,
  longest: number,
): { readonly lower: NdArray; readonly upper: NdArray } {
  const shape = [places.length, longest, table.width];
  const lower = new Float64Array(places.length * longest * table.width);
  const upper = lower.slice();
  places.forEach((text, b) => {
    text.forEach((place, t) => {
      const at = (b * longest + t) * table.width;
      const end = at + table.width;
      if (place.length === 1) {
        lower.set(table.row(place[0]!), at);
        upper.set(table.row(place[0]!), at);
      } else {
        lower.fill(Number.NEGATIVE_INFINITY, at, end);
        upper.fill(Number.POSITIVE_INFINITY, at, end);
      }
    });
  });
  return { lower: { shape, data: lower }, upper: { shape, data: upper } };
}
