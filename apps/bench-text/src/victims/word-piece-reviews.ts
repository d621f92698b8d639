import type { DataSource } from "@recon/core";
import {
  brownIds,
  idsOf,
  sentencePiece,
  sentiment,
  type TextDomain,
  type Tokenizer,
  textDomain,
  trainWordPieces,
} from "@recon/text";

/** Pieces of the vocabulary, and most ids of a sentence. */
const [size, maxLength] = [4000, 40];

let made: Tokenizer | undefined;

/** Word pieces between [CLS] and [SEP], learnt from the Brown corpus: what an encoder that pools its first state expects. */
export function wordPiecesOfBrown(): Tokenizer {
  if (made !== undefined) return made;
  const pieces = sentencePiece();
  made = trainWordPieces(
    brownIds(pieces).train.map((ids) => pieces.decode(ids)),
    size,
    { name: "word-pieces of Brown" },
  );
  return made;
}

/** The sentiment sentences in word pieces; those with more ids than fit are left out, and so are those with unknown pieces. */
export function wordPieceReviews(): DataSource & { readonly domain: TextDomain } {
  const source = sentiment();
  const tokenizer = wordPiecesOfBrown();
  const domain = textDomain({ tokenizer, maxLength });
  return {
    ...source,
    options: { ...(source.options as object), tokenizer: tokenizer.name },
    domain,
    open: async () => {
      const opened = await source.open();
      const items = await Promise.all(Array.from({ length: opened.size }, (_, i) => opened.item(i)));
      const own = items.flatMap((item) => {
        const ids = tokenizer.encode(source.domain.tokenizer.decode(idsOf(item.input)));
        const whole = ids.length <= maxLength && ids.slice(1, -1).every((id) => !tokenizer.special.has(id));
        return whole ? [{ ...item, input: { shape: [ids.length], data: Float64Array.from(ids) } }] : [];
      });
      return { size: own.length, skipped: opened.skipped, item: async (index) => own[index]! };
    },
  };
}
