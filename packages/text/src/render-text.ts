import type { Picture, ShownItem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { idsOf } from "./domain.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

type Span = { readonly text: string; readonly mark: string };

/** A standard deviation of an id beyond this is a guess: the attack was not sure of the place. */
const unsure = 0.5;

/**
 * The text that was found, piece by piece with what is right marked, beside the original and the blind guess.
 *
 * Marks: `right` is the original's piece in its place, `elsewhere` one that the original has in another place, `wrong` one that it does not have. Without an
 * original, pieces carry how sure the attack was: `sure` or `unsure`, and nothing where it did not say.
 */
export function renderText(
  { estimate, truth, floor, uncertainty }: ShownItem,
  tokenizer: Tokenizer,
): readonly Picture[] {
  const pictures: Picture[] = [];
  if (estimate !== undefined) {
    const spans =
      truth === undefined ? confidence(estimate, uncertainty, tokenizer) : against(estimate, truth, tokenizer);
    pictures.push({ title: "Reconstruction", caption: "", spans });
  }
  if (truth !== undefined) pictures.push({ title: "Original", caption: "", spans: plain(truth, tokenizer) });
  if (floor !== undefined) {
    const spans = truth === undefined ? plain(floor, tokenizer) : against(floor, truth, tokenizer);
    pictures.push({ title: "Blind guess", caption: "the most frequent pieces, as many as there are", spans });
  }
  return pictures;
}

/** A piece as it reads in a text: where words begin there is a space before it. */
function shown(id: number, tokenizer: Tokenizer, first: boolean): string {
  const piece = tokenizer.pieces[id] ?? "�";
  if (tokenizer.special.has(id)) return first ? piece : ` ${piece}`;
  if (piece.startsWith("##")) return piece.slice(2);
  const begins = /^[▁Ġ]/u.test(piece);
  const words = piece.replace(/[▁Ġ]/gu, " ").trimStart();
  const continues = tokenizer.pieces.some((other) => other.startsWith("##"));
  return !first && (begins || continues) ? ` ${words}` : words;
}

function plain(item: NdArray, tokenizer: Tokenizer): readonly Span[] {
  return idsOf(item).map((id, t) => ({ text: shown(id, tokenizer, t === 0), mark: "" }));
}

function against(item: NdArray, truth: NdArray, tokenizer: Tokenizer): readonly Span[] {
  const wanted = idsOf(truth);
  const present = new Set(wanted);
  return idsOf(item).map((id, t) => ({
    text: shown(id, tokenizer, t === 0),
    mark: wanted[t] === id ? "right" : present.has(id) ? "elsewhere" : "wrong",
  }));
}

function confidence(item: NdArray, uncertainty: NdArray | undefined, tokenizer: Tokenizer): readonly Span[] {
  return idsOf(item).map((id, t) => {
    const spread = uncertainty?.data[t];
    return {
      text: shown(id, tokenizer, t === 0),
      mark: spread === undefined ? "" : spread > unsure ? "unsure" : "sure",
    };
  });
}
