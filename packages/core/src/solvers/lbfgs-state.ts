import type { CurvaturePairs } from "./curvature-pairs.ts";
import { encodeState, readState } from "./saved-state.ts";
import type { SavedState } from "./solver.ts";

/** Where an L-BFGS run is between two steps. */
export interface Iterate {
  x: Float64Array;
  value: number;
  /** Absent before the first evaluation. */
  gradient: Float64Array | undefined;
  pairs: CurvaturePairs;
  step: number;
  /** Evaluations up to this step; those of an unfinished line search are not in it. */
  evaluations: number;
}

const format = "recon-l-bfgs/1";

/** A run at its start. */
export function freshIterate(x: Float64Array): Iterate {
  return { x, value: Number.NaN, gradient: undefined, pairs: { s: [], y: [], rho: [] }, step: 0, evaluations: 0 };
}

/** The run as plain JSON. */
export function saveIterate({ x, value, gradient, pairs, step, evaluations }: Iterate): SavedState {
  const { s, y, rho } = pairs;
  return encodeState({ format, x, value, gradient: gradient ?? null, s, y, rho, step, evaluations });
}

/** The run that was saved. @throws ReconError `bad-resume`. */
export function readIterate(saved: SavedState, size: number): Iterate {
  const state = readState(saved, format);
  return {
    x: state.vector("x", size),
    value: state.number("value"),
    gradient: state.raw("gradient") === null ? undefined : state.vector("gradient", size),
    pairs: {
      s: [...(state.raw("s") as readonly Float64Array[])],
      y: [...(state.raw("y") as readonly Float64Array[])],
      rho: [...(state.raw("rho") as readonly number[])],
    },
    step: state.number("step"),
    evaluations: state.number("evaluations"),
  };
}
