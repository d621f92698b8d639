import { type AttackContext, layerInputValues, type Matrix, type Problem, type Rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { isTextDomain, type TextDomain } from "../../domain.ts";
import { noToken } from "../../ids.ts";

/** Texts that stand for those of a batch: more than any batch that is attacked. */
const texts = 64;
const [shortest, longest] = [6, 24] as const;

/**
 * What enters a layer for texts of random pieces, drawn by the vocabulary's own probabilities where it has them: vectors of the sort that the batch has, without any of
 * its texts.
 *
 * @returns [64, F]; undefined where the problem's data is not ids of a text domain.
 */
export async function madeUpInputs(
  { model, params, domain, knowledge }: Problem,
  weight: string,
  { executor, rng }: Pick<AttackContext, "executor" | "rng">,
): Promise<Matrix | undefined> {
  if (!isTextDomain(domain) || model.input.discrete !== true) return undefined;
  const told = knowledge.sequenceLengths;
  const lengths = Array.isArray(told) ? (told as readonly number[]) : undefined;
  const ids = madeUpTexts(domain, model.input.shape[0]!, lengths, rng.split("made-up texts"));
  return layerInputValues(model, params, weight, ids, executor);
}

/** Random texts as the tokenizer would give them, with the special ids around them [64, T]. */
function madeUpTexts(
  { tokenizer }: TextDomain,
  most: number,
  lengths: readonly number[] | undefined,
  rng: Rng,
): NdArray {
  const draw = pieceSampler(tokenizer, rng);
  const rows = Array.from({ length: texts }, (_, i) => {
    const length = lengths?.[i % lengths.length] ?? shortest + rng.integer(longest - shortest);
    const text = tokenizer.decode(Array.from({ length }, draw));
    return tokenizer
      .encode(text === "" ? tokenizer.decode([draw()]) : text)
      .slice(0, lengths === undefined ? most : length);
  });
  const width = Math.max(1, ...rows.map((row) => row.length));
  const data = new Float64Array(rows.length * width).fill(noToken);
  rows.forEach((row, i) => {
    data.set(row.length > 0 ? row : [0], i * width);
  });
  return { shape: [rows.length, width], data };
}

/** Draws ids that stand for text, as often as the vocabulary says; all alike where it does not. */
function pieceSampler({ pieces, special, logProbabilities }: TextDomain["tokenizer"], rng: Rng): () => number {
  const ids = pieces.map((_, id) => id).filter((id) => !special.has(id));
  const sums: number[] = [];
  let total = 0;
  for (const id of ids) {
    total += logProbabilities === undefined ? 1 : Math.exp(logProbabilities[id]!);
    sums.push(total);
  }
  return () => {
    const at = rng.uniform() * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return ids[low]!;
  };
}
