import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataSource, installedPackage, ReconError } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import type { TextDomain } from "../domain.ts";
import { type LabelledText, textItems } from "./text-items.ts";
import { domainOf, type TextSourceOptions, textSourceChecks } from "./text-source-options.ts";

export type SentimentOptions = TextSourceOptions;

const packageName = "sentiment";
const origins: readonly string[] = ["imdb", "yelp", "amazon"];

/**
 * 3000 sentences of reviews of films, restaurants and goods, 1500 praising (class 1) and 1500 not (class 0), in the order imdb, yelp, amazon, imdb, ….
 *
 * They are the test data of the package `sentiment` 5.0.2; the last row of each of its files is empty and no sentence.
 *
 * @throws ReconError `bad-option`; `missing-package`; on opening `unreadable-text` when a file is damaged.
 * @see D. Kotzias, M. Denil, N. de Freitas, P. Smyth, "From group to individual labels using deep features", KDD 2015.
 */
export function sentiment(options: SentimentOptions = {}): DataSource & { readonly domain: TextDomain } {
  checkOptions("sentiment", options, textSourceChecks);
  const domain = domainOf(options);
  return {
    name: "sentiment",
    options: { ...options },
    card: {
      title: "Sentiment labelled sentences",
      source: "npm package sentiment 5.0.2, test/fixtures; collected by Kotzias et al. (KDD 2015)",
      licence: "MIT (package); the sentences are published under CC BY 4.0",
      note: "Sentences of public reviews on imdb.com, yelp.com and amazon.com, chosen for a clear opinion.",
    },
    domain,
    open: async () => {
      const root = join(installedPackage(packageName, "sentiment"), "test", "fixtures");
      const files = origins.map((origin) => readSentences(root, origin));
      const texts = files[0]!.flatMap((_, place) => files.map((file) => file[place]!));
      return textItems(texts, { name: "sentiment", domain, classes: 2, count: options.count });
    },
  };
}

/** Sentences in every file. */
const perFile = 1000;

function readSentences(root: string, origin: string): readonly LabelledText[] {
  let rows: unknown;
  let cause: unknown;
  try {
    rows = JSON.parse(readFileSync(join(root, `${origin}.json`), "utf8"));
  } catch (error) {
    cause = error;
  }
  const sentences = Array.isArray(rows) ? rows.slice(0, perFile) : [];
  if (sentences.length < perFile || !sentences.every(isSentence)) {
    throw new ReconError(
      "unreadable-text",
      `The file ${origin}.json of the package ${packageName} is damaged or of another version. Run: npm install ${packageName}@5.0.2`,
      { cause },
    );
  }
  return sentences.map(({ text, class: label }, place) => ({ id: `${origin}-${place}`, text: text.trim(), label }));
}

function isSentence(row: unknown): row is { readonly text: string; readonly class: number } {
  if (typeof row !== "object" || row === null) return false;
  const { text, class: label } = row as { text?: unknown; class?: unknown };
  return typeof text === "string" && text.trim() !== "" && (label === 0 || label === 1);
}
