import { EngineError } from "../errors.ts";
import { initialState } from "../optimisers/apply-optimiser.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import type { Arrays, NdArray, Precision } from "../tensor.ts";
import type { TrainingState } from "./training-event.ts";

export interface TrainingStart {
  readonly parameters: Arrays;
  readonly buffers: Arrays;
  readonly optimiser: Optimiser;
  readonly precision: Precision;
}

/** The state before the first step. The arrays are copied into the program's precision, so that what the caller does to them later changes nothing. */
export function startState({ parameters, buffers, optimiser, precision }: TrainingStart): TrainingState {
  return {
    format: "recon-training/1",
    step: 0,
    parameters: copied(parameters, precision),
    buffers: copied(buffers, precision),
    optimiser: initialState(optimiser, parameters, precision),
    history: [],
    lossSum: 0,
    examples: 0,
  };
}

/**
 * Checks a saved state against the run that is to go on with it.
 *
 * @throws EngineError `bad-resume` when it is of another format, or its arrays have other names or shapes.
 */
export function checkResume(saved: TrainingState, start: TrainingStart): TrainingState {
  if (saved.format !== "recon-training/1")
    throw wrong(`has format ${JSON.stringify(saved.format)}, not "recon-training/1"`);
  const fresh = startState(start);
  for (const group of ["parameters", "buffers", "optimiser"] as const) sameLayout(group, saved[group], fresh[group]);
  return saved;
}

function sameLayout(group: string, saved: Arrays, expected: Arrays): void {
  for (const [name, { shape }] of Object.entries(expected)) {
    const found = saved[name];
    if (found === undefined) throw wrong(`lacks "${name}" among its ${group}`);
    if (found.shape.join() !== shape.join())
      throw wrong(`has shape [${found.shape.join(", ")}] for "${name}", not [${shape.join(", ")}]`);
  }
  for (const name of Object.keys(saved))
    if (!Object.hasOwn(expected, name)) throw wrong(`holds "${name}" among its ${group}, which this run does not have`);
}

const wrong = (what: string): EngineError =>
  new EngineError("bad-resume", `The saved training state ${what}. Resume with a state that the same run saved.`);

function copied(arrays: Arrays, precision: Precision): Arrays {
  const copy = ({ shape, data }: NdArray): NdArray => ({
    shape,
    data: precision === "float32" ? Float32Array.from(data) : Float64Array.from(data),
  });
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, copy(array)]));
}
