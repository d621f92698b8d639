import { type Item, type OpenData, oneHot, ReconError, type Skipped } from "@recon/core";
import type { TextDomain } from "../domain.ts";

/** A text with its class, before it is ids. */
export interface LabelledText {
  readonly id: string;
  readonly text: string;
  readonly label: number;
}

export interface TextItemsOptions {
  /** The source, for messages. */
  readonly name: string;
  readonly domain: TextDomain;
  readonly classes: number;
  /** Most items; all unless said. */
  readonly count?: number | undefined;
  /** What could not be read before. */
  readonly skipped?: readonly Skipped[];
}

/**
 * Texts as items of ids: the first `count` that can be used, in order.
 *
 * No text is cut. One with more ids than the domain allows is left out, as is one that is empty or of which the vocabulary knows no piece; `skipped` names
 * each with the reason. A text with some unknown pieces stays: they are the id of the unknown piece.
 *
 * @throws ReconError `no-data` when nothing is left.
 */
export function textItems(texts: Iterable<LabelledText>, options: TextItemsOptions): OpenData {
  const { name, domain, classes, count = Number.POSITIVE_INFINITY } = options;
  const skipped: Skipped[] = [...(options.skipped ?? [])];
  const items: { readonly text: LabelledText; readonly ids: readonly number[] }[] = [];
  for (const text of texts) {
    if (items.length >= count) break;
    const ids = domain.tokenizer.encode(text.text);
    const fault = faultOf(text.text, ids, domain);
    if (fault === undefined) items.push({ text, ids });
    else skipped.push({ id: text.id, ...fault });
  }
  if (items.length === 0) throw nothingUsable(name, skipped);
  return {
    size: items.length,
    skipped,
    item: async (index): Promise<Item> => {
      const item = items[index];
      if (item === undefined) {
        throw new ReconError("no-such-item", `${name} has items 0 to ${items.length - 1}; there is no item ${index}.`);
      }
      const { text, ids } = item;
      return {
        id: text.id,
        input: { shape: [ids.length], data: Float64Array.from(ids) },
        target: oneHot(text.label, classes),
      };
    },
  };
}

/** Why a text cannot be an item; undefined when it can. */
function faultOf(text: string, ids: readonly number[], domain: TextDomain): Omit<Skipped, "id"> | undefined {
  const { tokenizer, maxLength } = domain;
  if (text.trim() === "") return { reason: "the text is empty" };
  if (tokenizer.decode(ids.filter((id) => !tokenizer.special.has(id))) === "")
    return { reason: `the vocabulary of ${tokenizer.name} knows no piece of the text` };
  if (ids.length > maxLength)
    return { reason: `it has ${ids.length} ids, more than the ${maxLength} of max_length`, byOptions: true };
  return undefined;
}

function nothingUsable(name: string, skipped: readonly Skipped[]): ReconError {
  const shown = skipped.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
  const more = skipped.length > shown.length ? `; and ${skipped.length - shown.length} more` : "";
  const found = skipped.length === 0 ? "There is none." : `Skipped: ${shown.join("; ")}${more}.`;
  return new ReconError("no-data", `${name} holds no text that can be used. ${found}`);
}
