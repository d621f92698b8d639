import type { Picture, ShownItem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { idsOf } from "./ids.ts";
import { type PieceText, pieceTexts } from "./piece-text.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

type Span = { readonly text: string; readonly mark: string };
type TextOf = (id: number) => PieceText;

/** A standard deviation of an id beyond this is a guess: the attack was not sure of the place. */
const unsure = 0.5;

/**
 * The text that was found, piece by piece with what is right marked, beside the original and the blind guess.
 *
 * Marks: `right` is the original's piece in its place, `elsewhere` one that the original has in another place and that is not used up, `wrong` any other.
 * Where the attack says how sure it was of a place, `sure` or `unsure` is added; without an original that alone is shown.
 */
export function renderText(
  { estimate, truth, floor, uncertainty }: ShownItem,
  tokenizer: Tokenizer,
): readonly Picture[] {
  const textOf = pieceTexts(tokenizer);
  const wanted = truth === undefined ? undefined : idsOf(truth);
  const pictures: Picture[] = [];
  if (estimate !== undefined) {
    const ids = idsOf(estimate);
    const correct = wanted === undefined ? [] : correctness(ids, wanted);
    const sure = confidence(estimate, uncertainty);
    const marks = ids.map((_, t) => [correct[t], sure[t]].filter((mark) => mark !== undefined).join(" "));
    pictures.push({ title: "Reconstruction", caption: tally(correct, wanted), spans: spansOf(ids, marks, textOf) });
  }
  if (wanted !== undefined) pictures.push({ title: "Original", caption: "", spans: spansOf(wanted, [], textOf) });
  if (floor !== undefined) {
    const ids = idsOf(floor);
    const marks = wanted === undefined ? [] : correctness(ids, wanted);
    const caption = "Frequent words, as many as the text has: what needs no observation.";
    pictures.push({ title: "Blind guess", caption, spans: spansOf(ids, marks, textOf) });
  }
  return pictures;
}

/** Pieces with their marks; spaces between words are not marked, and what is not marked is one span. */
function spansOf(ids: readonly number[], marks: readonly string[], textOf: TextOf): readonly Span[] {
  const spans: Span[] = [];
  const push = (text: string, mark: string): void => {
    const last = spans.at(-1);
    if (mark === "" && last?.mark === "") spans[spans.length - 1] = { text: last.text + text, mark };
    else spans.push({ text, mark });
  };
  ids.forEach((id, t) => {
    const { text, begins } = textOf(id);
    if (begins && t > 0) push(" ", "");
    push(text, marks[t] ?? "");
  });
  return spans;
}

function correctness(ids: readonly number[], wanted: readonly number[]): readonly string[] {
  const left = new Map<number, number>();
  wanted.forEach((id, t) => {
    if (ids[t] !== id) left.set(id, (left.get(id) ?? 0) + 1);
  });
  return ids.map((id, t) => {
    if (wanted[t] === id) return "right";
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count > 0 ? "elsewhere" : "wrong";
  });
}

function confidence(estimate: NdArray, uncertainty: NdArray | undefined): readonly string[] {
  if (uncertainty === undefined) return [];
  const spreads = Array.from(uncertainty.data).filter((_, t) => (estimate.data[t] ?? -1) >= 0);
  return spreads.map((spread) => (spread > unsure ? "unsure" : "sure"));
}

function tally(marks: readonly string[], wanted: readonly number[] | undefined): string {
  if (wanted === undefined) return "";
  const right = marks.filter((mark) => mark === "right").length;
  return `${right} of ${wanted.length} pieces are in their place.`;
}
