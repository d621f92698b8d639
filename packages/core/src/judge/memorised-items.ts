import type { Arrays } from "@recon/engine";
import type { Domain } from "../problem.ts";
import type { Memorised } from "../run-record.ts";
import type { Truth } from "../victim.ts";
import { memorisation } from "./memorisation.ts";

/** What a solution says of every training item beside one held-out item, in the order of the truth; undefined where there is no control or no resemblance. */
export function memorisedItems(
  value: Arrays,
  { input, heldOut }: Truth,
  { resemblance }: Domain,
): readonly Memorised[] | undefined {
  const found = value.input;
  if (resemblance === undefined || heldOut === undefined || found === undefined) return undefined;
  if (found.shape.slice(1).join() !== input.shape.slice(1).join()) return undefined;
  const { name, similar, nearVerbatim, verbatim } = resemblance;
  const { trained, heldOut: control } = memorisation(found, input, heldOut, resemblance);
  // JSON has no infinity: an item without a candidate is unlike anything.
  const finite = (score: number): number => (Number.isFinite(score) ? score : -1);
  return trained.scores.map((score, i) => ({
    resemblance: name,
    score: finite(score),
    control: finite(control.scores[i]!),
    levels: { similar, nearVerbatim, verbatim },
  }));
}
