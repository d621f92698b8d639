import type { ReadAuditFile } from "./audit-file/read-audit-file.ts";
import { scenarioIds } from "./audit-file/scenario-ids.ts";
import { type PlannedScenario, scenarioOf } from "./audit-file/scenario-of.ts";
import { catalogue } from "./plugins/catalogue.ts";
import { corePlugin } from "./plugins/core-plugin.ts";
import { loadPlugin } from "./plugins/load-plugins.ts";
import { isReconError } from "./recon-error.ts";

/** Loads the packages that each file uses and builds its scenario. Throws `bad-audit-file` for the first file with problems. */
export async function scenariosOfFiles(
  files: readonly ReadAuditFile[],
  cwd: string,
): Promise<readonly PlannedScenario[]> {
  const ids = scenarioIds(files.map((file) => file.path));
  const scenarios: PlannedScenario[] = [];
  for (const [index, file] of files.entries()) {
    const plugins = [corePlugin];
    for (const [at, use] of file.audit.use.entries()) {
      try {
        plugins.push((await loadPlugin(use, cwd)).plugin);
      } catch (error) {
        throw isReconError(error) ? file.refuse([{ path: ["use", at], message: error.message }]) : error;
      }
    }
    scenarios.push(await scenarioOf(file, catalogue(plugins), ids[index]!));
  }
  return scenarios;
}
