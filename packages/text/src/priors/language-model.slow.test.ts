import { testDiscretePrior } from "@recon/core/testing";
import { expect, test } from "vitest";
import { textDomain } from "../domain.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import { brownIds } from "./brown-ids.ts";
import { kneserNey } from "./kneser-ney.ts";
import { languageModel } from "./language-model.ts";
import type { SequenceModel } from "./sequence-model.ts";
import { uniformModel, unigramModel } from "./sequence-model.ts";
import { sequenceScorer } from "./sequence-scorer.ts";

const tokenizer = sentencePiece();

/** exp of the mean −log p of every symbol and every end. */
function perplexity(model: SequenceModel, sentences: readonly (readonly number[])[]): number {
  const { logProbability } = sequenceScorer(model);
  const total = sentences.reduce((sum, ids) => sum + logProbability(ids), 0);
  return Math.exp(-total / sentences.reduce((sum, ids) => sum + ids.length + 1, 0));
}

test("built within ten seconds, with a held-out perplexity of at most 115 a piece", () => {
  const started = process.cpuUsage();
  const { train, heldOut } = brownIds(tokenizer);
  const { length } = tokenizer.pieces;
  const model = kneserNey(train, length);
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(10);
  expect(train.length / (train.length + heldOut.length)).toBeCloseTo(0.95, 3);
  expect(model.trigrams).toBeGreaterThan(900_000);
  const found = [model, unigramModel(train, length), uniformModel(length)].map((m) => perplexity(m, heldOut));
  expect(found[0]).toBeLessThan(115);
  expect(found[1]).toBeGreaterThan(5 * found[0]!);
  expect(found[2]).toBeCloseTo(length + 1, 6);
}, 120_000);

const once = languageModel();
const domain = textDomain({ tokenizer });
testDiscretePrior(() => once, { domain, timeoutMs: 120_000 });
