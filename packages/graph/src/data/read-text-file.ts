import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ReconError } from "@recon/core";

/**
 * The text of a file in UTF-8, without its byte order mark; the path is relative to the working directory.
 *
 * @throws ReconError `no-such-file`; `unreadable-file` for another encoding and for files that are no text.
 */
export function readTextFile(path: string, usedBy: string): string {
  const bytes = bytesOf(path, usedBy);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ReconError("unreadable-file", `${usedBy}: "${path}" is in UTF-16. Save it in UTF-8.`);
  }
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new ReconError("unreadable-file", `${usedBy}: "${path}" holds zero bytes, so it is not a file of text.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ReconError("unreadable-file", `${usedBy}: "${path}" is not in UTF-8. Save it in UTF-8.`, { cause });
  }
}

function bytesOf(path: string, usedBy: string): Buffer {
  let isFile: boolean;
  try {
    isFile = statSync(resolve(path)).isFile();
    if (isFile) return readFileSync(resolve(path));
  } catch (cause) {
    const message = `${usedBy}: "${path}" does not exist or cannot be read. Check the path.`;
    throw new ReconError("no-such-file", message, { cause });
  }
  throw new ReconError("no-such-file", `${usedBy}: "${path}" is not a file. Give the path of a file of text.`);
}
