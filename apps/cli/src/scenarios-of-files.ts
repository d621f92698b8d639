import type { ReadAuditFile } from "./audit-file/read-audit-file.ts";
import { scenarioIds } from "./audit-file/scenario-ids.ts";
import { type PlannedScenario, scenarioOf } from "./audit-file/scenario-of.ts";
import { catalogue } from "./plugins/catalogue.ts";
import { type LoadedPlugin, loadPlugin } from "./plugins/load-plugins.ts";
import { isReconError } from "./recon-error.ts";

/**
 * Loads the packages that each file uses, beside those that were asked for elsewhere, and builds its scenario.
 * Throws `bad-audit-file` for the first file with problems.
 */
export async function scenariosOfFiles(
  files: readonly ReadAuditFile[],
  cwd: string,
  others: readonly LoadedPlugin[] = [],
): Promise<readonly PlannedScenario[]> {
  const ids = scenarioIds(files.map((file) => file.path));
  const scenarios: PlannedScenario[] = [];
  for (const [index, file] of files.entries()) {
    const used: LoadedPlugin[] = [];
    for (const [at, use] of file.audit.use.entries()) {
      try {
        used.push(await loadPlugin(use, cwd));
      } catch (error) {
        throw isReconError(error) ? file.refuse([{ path: ["use", at], message: error.message }]) : error;
      }
    }
    // A package that the file uses anyway is not used twice.
    const added = others.filter(({ plugin }) => !used.some((own) => own.plugin === plugin));
    scenarios.push(await scenarioOf(withUse(file, added), catalogue([...used, ...added]), ids[index]!));
  }
  return scenarios;
}

/** The file as if it had named the packages itself, so that its record can be run again. */
function withUse(file: ReadAuditFile, added: readonly LoadedPlugin[]): ReadAuditFile {
  const named = added.filter(({ byValue }) => byValue !== true).map(({ use }) => use);
  return named.length === 0 ? file : { ...file, audit: { ...file.audit, use: [...file.audit.use, ...named] } };
}
