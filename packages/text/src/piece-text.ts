import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** How a piece reads within a text. */
export interface PieceText {
  readonly text: string;
  /** Whether a word begins with it. */
  readonly begins: boolean;
  /** Whether it is a mark without letters and digits. */
  readonly mark: boolean;
}

/** How the pieces of a vocabulary read, by id: word beginnings are told by ▁ or Ġ before them, or by the ## before all other pieces. */
export function pieceTexts({ pieces, special, decode }: Tokenizer): (id: number) => PieceText {
  const continued = pieces.some((piece) => piece.startsWith("##"));
  return (id) => {
    const piece = pieces[id] ?? "�";
    if (special.has(id) || pieces[id] === undefined) return { text: piece, begins: true, mark: false };
    // Pieces of bytes are no text by themselves.
    const text = decode([id]).replace(/^##/, "");
    const mark = !/[\p{L}\p{N}]/u.test(text);
    const begins = continued ? !piece.startsWith("##") && !mark : /^[▁Ġ]/u.test(piece);
    return { text, begins, mark: mark && text !== "" };
  };
}
