import { createHash } from "node:crypto";
import { writeFileAtomically } from "@recon/core";
import type { Arrays, TrainingEvent, TrainingState } from "@recon/engine";
import { writeSafetensors } from "@recon/engine/files";
import { readTraining, saveTraining } from "./training-file.ts";

export interface RunTrainingOptions {
  /** The run, from the start or from a saved state. */
  readonly train: (resume: TrainingState | undefined) => AsyncIterable<TrainingEvent>;
  /** Where the weights go, a safetensors file; `<weights>.state` holds an unfinished run. */
  readonly weights: string;
  /** What else the file is to hold, such as the mean of the training data. */
  readonly also?: Arrays;
  /** Names of the parameters that the file is to hold; all unless said. */
  readonly keep?: readonly string[];
  readonly say: (line: string) => void;
}

/** Steps between saved states. */
const saveEvery = 100;

/**
 * Runs a training to its end, saving its state on the way so that it goes on where it was stopped, and writes the weights.
 *
 * @returns The weights' checksum and the processor seconds of this run.
 */
export async function runTraining({
  train,
  weights,
  also = {},
  keep,
  say,
}: RunTrainingOptions): Promise<{ readonly sha256: string; readonly seconds: number }> {
  const file = `${weights}.state`;
  const started = process.cpuUsage();
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  };
  let loss = 0;
  let trained: Arrays | undefined;
  for await (const event of train(readTraining(file))) {
    if (event.kind === "result") {
      if (event.outcome !== "completed") throw new Error(event.reason);
      trained = event.parameters;
      saveTraining(file, event.state);
      continue;
    }
    loss += event.loss / saveEvery;
    if (event.step % saveEvery > 0) continue;
    saveTraining(file, event.state);
    say(`step ${event.step} of ${event.steps}, loss ${loss.toFixed(4)}, ${seconds().toFixed(0)} s of processor time`);
    loss = 0;
  }
  const kept = Object.fromEntries(Object.entries(trained!).filter(([name]) => keep?.includes(name) ?? true));
  const bytes = writeSafetensors({ ...kept, ...also });
  writeFileAtomically(weights, bytes);
  return { sha256: createHash("sha256").update(bytes).digest("hex"), seconds: seconds() };
}
