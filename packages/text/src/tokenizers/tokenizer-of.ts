import type { Check } from "@recon/core/options";
import { fetchedFolder } from "../hub/fetched-folder.ts";
import { fromFolder } from "./from-folder.ts";
import { sentencePiece } from "./sentence-piece.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How texts are divided: by the pieces of the sentence encoder, or by the tokenizer in a folder, or by that of a model of the hub that `fetchModel` has fetched. */
export type TokenizerOption = "sentence-piece" | { readonly folder: string } | { readonly hub: string };

/** What the option of a data source may be. */
export function tokenizerOption(): Check<TokenizerOption> {
  return {
    allowed: '"sentence-piece", a record { folder } or a record { hub }',
    is: (value): value is TokenizerOption => value === "sentence-piece" || isPlace(value),
  };
}

function isPlace(value: unknown): value is { readonly folder: string } | { readonly hub: string } {
  if (typeof value !== "object" || value === null) return false;
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return false;
  const [key, place] = entry;
  return (key === "folder" || key === "hub") && typeof place === "string" && place !== "";
}

/**
 * The tokenizer that a data source asks for.
 *
 * @throws ReconError `missing-package` for sentence-piece, `not-fetched` and `bad-option` for the hub, `tokenizer` when its files are missing or damaged.
 */
export function tokenizerOf(option: TokenizerOption = "sentence-piece"): Tokenizer {
  if (option === "sentence-piece") return sentencePiece();
  return fromFolder("folder" in option ? option.folder : fetchedFolder("tokenizer", option.hub));
}
