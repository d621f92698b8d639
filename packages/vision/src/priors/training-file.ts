import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomically } from "@recon/core";
import type { Arrays, TrainingState } from "@recon/engine";
import { readSafetensors, writeSafetensors } from "@recon/engine/files";

const groups = ["parameters", "buffers", "optimiser"] as const;

/** Saves a training state as `<file>` (arrays, safetensors) and `<file>.json` (where the run is), each replaced as a whole. */
export function saveTraining(file: string, state: TrainingState): void {
  const arrays: Record<string, Arrays[string]> = {};
  for (const group of groups) {
    for (const [name, array] of Object.entries(state[group])) arrays[`${group}/${name}`] = array;
  }
  const { format, step, history, lossSum, examples } = state;
  writeFileAtomically(file, writeSafetensors(arrays));
  writeFileAtomically(`${file}.json`, `${JSON.stringify({ format, step, history, lossSum, examples })}\n`);
}

/** What `saveTraining` saved, or undefined where there is nothing. */
export function readTraining(file: string): TrainingState | undefined {
  if (!existsSync(file) || !existsSync(`${file}.json`)) return undefined;
  const arrays = readSafetensors(readFileSync(file));
  const group = (prefix: string): Arrays =>
    Object.fromEntries(
      Object.entries(arrays)
        .filter(([name]) => name.startsWith(`${prefix}/`))
        .map(([name, array]) => [name.slice(prefix.length + 1), array]),
    );
  const where = JSON.parse(readFileSync(`${file}.json`, "utf8")) as Omit<TrainingState, (typeof groups)[number]>;
  return { ...where, parameters: group("parameters"), buffers: group("buffers"), optimiser: group("optimiser") };
}
