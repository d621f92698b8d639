import { readFile, stat } from "node:fs/promises";
import { ReconError } from "@recon/core";

/** The lines of a file as text. */
export interface TextFile {
  readonly text: string;
  /** Numbers of the lines, from 1, that are not UTF-8; in `text` they hold replacement characters. */
  readonly undecodable: ReadonlySet<number>;
}

/**
 * A file in UTF-8, with or without a byte order mark.
 *
 * @throws ReconError `no-such-file`; `unreadable-text` for UTF-16 and for files that are no text.
 */
export async function readTextFile(file: string, shown: string): Promise<TextFile> {
  const kind = await stat(file).catch((cause: unknown) => {
    throw new ReconError("no-such-file", `folder: "${shown}" does not exist or cannot be read. Check the path.`, {
      cause,
    });
  });
  if (!kind.isFile()) {
    throw new ReconError(
      "no-such-file",
      `folder: "${shown}" is not a file. Give a .txt file with one text a line, or a .csv, .tsv or .jsonl file.`,
    );
  }
  const bytes = await readFile(file);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ReconError("unreadable-text", `folder: "${shown}" is in UTF-16. Save it in UTF-8.`);
  }
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new ReconError("unreadable-text", `folder: "${shown}" holds zero bytes, so it is not a file of text.`);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), undecodable: new Set() };
  } catch (cause) {
    if (cause instanceof TypeError) return { text: new TextDecoder().decode(bytes), undecodable: badLines(bytes) };
    throw new ReconError("unreadable-text", `folder: "${shown}" cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function badLines(bytes: Buffer): Set<number> {
  const bad = new Set<number>();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      bad.add(line);
    }
    start = stop + 1;
  }
  return bad;
}
