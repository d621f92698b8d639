import { ReconError } from "../errors.ts";
import type { StateValue } from "./saved-state.ts";
import type { TransformState } from "./transform.ts";

/** A transform's memory as a state value. */
export function transformRecord(state: TransformState): StateValue {
  return { vectors: { ...state.vectors }, parts: state.parts.map(transformRecord) };
}

/** Memory of the shape of `fresh` with the saved numbers. @throws ReconError `bad-resume` when they belong to another transform. */
export function restoreTransform(fresh: TransformState, saved: StateValue): TransformState {
  const record = saved as { readonly vectors?: StateValue; readonly parts?: StateValue } | null;
  const vectors = record?.vectors as Readonly<Record<string, StateValue>> | undefined;
  const parts = record?.parts as readonly StateValue[] | undefined;
  const names = Object.keys(fresh.vectors);
  const fits =
    vectors !== undefined &&
    Object.keys(vectors).length === names.length &&
    Array.isArray(parts) &&
    parts.length === fresh.parts.length;
  if (!fits) throw mismatch();
  return {
    vectors: Object.fromEntries(
      names.map((name) => {
        const vector = vectors[name];
        if (!(vector instanceof Float64Array) || vector.length !== fresh.vectors[name]!.length) throw mismatch();
        return [name, vector];
      }),
    ),
    parts: fresh.parts.map((part, i) => restoreTransform(part, parts[i]!)),
  };
}

function mismatch(): ReconError {
  return new ReconError(
    "bad-resume",
    "The saved solver state was made with another update chain. Resume with the chain that saved it.",
  );
}
