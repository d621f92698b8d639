import { join } from "node:path";
import { writeFileAtomically } from "@recon/core";
import { renderReport } from "./render-report.ts";

/**
 * Renders a run folder and writes `report.html` into it, as a whole or not at all; returns its path.
 * Throws as `renderReport` does, and `output-not-writable`.
 */
export async function writeReport(folder: string): Promise<string> {
  const path = join(folder, "report.html");
  writeFileAtomically(path, await renderReport(folder));
  return path;
}
