import type { BenchCase, Measurement } from "@recon/bench";
import { brownIds, kneserNey, type SequenceModel, sentencePiece, sequenceScorer, unigramModel } from "@recon/text";

/** exp of the mean −log p of every piece and every end of a sentence. */
function perplexity(model: SequenceModel, sentences: readonly (readonly number[])[]): number {
  const { logProbability } = sequenceScorer(model);
  const total = sentences.reduce((sum, ids) => sum + logProbability(ids), 0);
  return Math.exp(-total / sentences.reduce((sum, ids) => sum + ids.length + 1, 0));
}

async function* trial(): AsyncGenerator<Measurement, void> {
  const tokenizer = sentencePiece();
  const started = performance.now();
  const { train, heldOut } = brownIds(tokenizer);
  const { length } = tokenizer.pieces;
  const model = kneserNey(train, length);
  const seconds = (performance.now() - started) / 1000;
  yield {
    item: `${heldOut.length} sentences of the Brown corpus`,
    attack: "none",
    given: [],
    observation: "float64",
    metric: { perplexity: perplexity(model, heldOut), trigrams: model.trigrams },
    floor: { perplexity: perplexity(unigramModel(train, length), heldOut) },
    certificate: "none",
    verdict: "partial",
    reason: `Perplexity a piece of held-out sentences under the interpolated Kneser-Ney trigram of ${train.length} others; the floor is that of the unigram.`,
    residual: Number.NaN,
    seconds,
    evaluations: 0,
  };
}

/** The language prior by itself. There is nothing to draw. */
export const trigramCases: readonly BenchCase[] = [
  { id: "trigram", suite: "priors", targets: { perplexity: "<=115", seconds: "<=10" }, seeds: 1, trial },
];
