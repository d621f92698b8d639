import type { Metric } from "@recon/core";
import { idsOf } from "../ids.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

export interface RougeOptions {
  /** Single words, pairs of words, or the longest common subsequence. */
  readonly kind: "1" | "2" | "l";
  readonly tokenizer: Tokenizer;
  /** Count special ids as words, as the literature does; not unless said. Alone they give a score above zero. */
  readonly special?: boolean;
}

/**
 * ROUGE F1 of the words of a text: with n matching of e in the estimate and w in the truth, F = 2 n / (e + w).
 *
 * For kinds 1 and 2 a match is an n-gram, counted at most as often as in either text; for l the matches are those of a longest common subsequence. Words are
 * lower-case runs of letters and digits. Two texts without any n-gram score 1 where they are equal, else 0.
 *
 * @see Lin, "ROUGE: a package for automatic evaluation of summaries", 2004.
 */
export function rouge({ kind, tokenizer, special = false }: RougeOptions): Metric {
  return {
    name: `rouge${kind}${special ? "_special" : ""}`,
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["case", "punctuation"],
    score: (estimate, truth) => {
      const [found, wanted] = [estimate, truth].map((item) => wordsOf(idsOf(item), tokenizer, special)) as [
        string[],
        string[],
      ];
      return kind === "l"
        ? f1(longestCommon(found, wanted), found.length, wanted.length)
        : gramScore(found, wanted, Number(kind));
    },
  };
}

/** The words of ids; with `special`, ids that stand for no text are words by themselves. */
export function wordsOf(ids: readonly number[], tokenizer: Tokenizer, special: boolean): string[] {
  const words =
    tokenizer
      .decode(ids)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  if (!special) return [...words];
  return [...ids.filter((id) => tokenizer.special.has(id)).map((id) => tokenizer.pieces[id]!), ...words];
}

function gramScore(found: readonly string[], wanted: readonly string[], n: number): number {
  const [a, b] = [gramsOf(found, n), gramsOf(wanted, n)];
  let matches = 0;
  for (const [gram, count] of a) matches += Math.min(count, b.get(gram) ?? 0);
  const size = (words: readonly string[]): number => Math.max(0, words.length - n + 1);
  return size(found) + size(wanted) === 0
    ? Number(found.join(" ") === wanted.join(" "))
    : f1(matches, size(found), size(wanted));
}

function gramsOf(words: readonly string[], n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Length of a longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Int32Array(b.length + 1);
  for (const word of a) {
    const next = new Int32Array(b.length + 1);
    b.forEach((other, j) => {
      next[j + 1] = word === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!);
    });
    row = next;
  }
  return row[b.length]!;
}

function f1(matches: number, found: number, wanted: number): number {
  return found + wanted === 0 ? 1 : (2 * matches) / (found + wanted);
}
