export { writeFileAtomically } from "./atomic-file.ts";
export { ReconError } from "./errors.ts";
export { type Rng, rng } from "./random.ts";
export { type RunContents, readPicture, readRunFolder } from "./read-run-folder.ts";
export { createRunFolder, type RunFolder, type RunFolderOptions, recordJson } from "./run-folder.ts";
export type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";
