import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every temporary file of a run of tests goes into one folder, which goes with the run, however a test ended. */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), "recon-tests-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
