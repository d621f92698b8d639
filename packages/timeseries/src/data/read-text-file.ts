import { readFileSync, statSync } from "node:fs";
import { ReconError } from "@recon/core";

/**
 * The text of a file in UTF-8, without its byte order mark.
 *
 * @throws ReconError `no-such-file`; `unreadable-series` for another encoding and for files that are no text.
 */
export function readTextFile(file: string, shown: string): string {
  const bytes = bytesOf(file, shown);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new ReconError("unreadable-series", `csv: "${shown}" is in UTF-16. Save it in UTF-8.`);
  if (bytes.subarray(0, 4096).includes(0))
    throw new ReconError("unreadable-series", `csv: "${shown}" holds zero bytes, so it is not a table of text.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ReconError("unreadable-series", `csv: "${shown}" is not in UTF-8. Save it in UTF-8.`, { cause });
  }
}

function bytesOf(file: string, shown: string): Buffer {
  try {
    if (statSync(file).isFile()) return readFileSync(file);
  } catch (cause) {
    throw new ReconError("no-such-file", `csv: "${shown}" does not exist or cannot be read. Check the path.`, {
      cause,
    });
  }
  throw new ReconError(
    "no-such-file",
    `csv: "${shown}" is not a file. Give a table whose first row names the columns.`,
  );
}
