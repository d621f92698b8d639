import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ReconError } from "./errors.ts";

/**
 * Replaces a file as a whole: readers see the old content or the new, never a part, whenever the process ends.
 * Throws `output-not-writable` when the folder does not take it.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    // A left-over, or a link that someone put there, is removed and never written through.
    rmSync(temporary, { force: true });
    writeFileSync(temporary, content, { flag: "wx" });
    renameSync(temporary, path);
  } catch (cause) {
    throw notWritable(path, cause);
  }
}

/** The error for a place that cannot be written to: `output-not-writable`, with the system's reason. */
export function notWritable(path: string, cause: unknown): ReconError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ReconError(
    "output-not-writable",
    `Cannot write to ${path} (${why}). Choose another output folder, or check its permissions and the space left.`,
    { cause },
  );
}
