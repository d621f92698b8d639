import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ReconError } from "@recon/core";
import { fromDescription, type TokenizerDescription } from "./from-description.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { wordPieces } from "./word-pieces.ts";

type Table = Readonly<Record<string, unknown>>;

/**
 * The tokenizer of a model's folder: tokenizer.json with tokenizer_config.json where there is one, else the word pieces of vocab.txt, one a line.
 *
 * @throws ReconError `tokenizer` when neither file is there, or one is damaged.
 */
export function fromFolder(folder: string): Tokenizer {
  const name = basename(folder);
  const description = join(folder, "tokenizer.json");
  const settings = join(folder, "tokenizer_config.json");
  const configuration = existsSync(settings) ? readTable(settings) : {};
  if (existsSync(description)) {
    const table = readTable(description);
    if (isDescription(table)) return fromDescription(name, table, configuration);
    throw new ReconError(
      "tokenizer",
      `${description} does not describe a tokenizer: it needs a "model", and every one of its "added_tokens" an id.`,
    );
  }
  const vocabulary = join(folder, "vocab.txt");
  if (existsSync(vocabulary)) {
    const lines = readFileSync(vocabulary, "utf8")
      .replace(/\r?\n$/, "")
      .split(/\r?\n/);
    return wordPieces(lines, { name, lowercase: configuration.do_lower_case !== false });
  }
  throw new ReconError(
    "tokenizer",
    `There is no tokenizer in ${folder}: it must hold tokenizer.json, or vocab.txt with one piece a line.`,
  );
}

function readTable(file: string): Table {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ReconError("tokenizer", `${file} cannot be read as JSON: ${(cause as Error).message}`, { cause });
  }
  if (isTable(value)) return value;
  throw new ReconError("tokenizer", `${file} must hold a record of names and values.`);
}

function isDescription(table: Table): table is TokenizerDescription {
  const { model, added_tokens: added = [] } = table;
  return isTable(model) && Array.isArray(added) && added.every((token) => isTable(token) && Number.isInteger(token.id));
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
