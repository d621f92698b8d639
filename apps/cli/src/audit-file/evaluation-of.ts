import type { Defence, DefenceFamily, Json, UtilityBudget } from "@recon/core";
import type { EvaluationPart, SweptDefence } from "./audit-file.ts";
import type { PartBuilder } from "./part-builder.ts";

/** What a file's key `evaluate` asks for, built from the pieces of the loaded plugins. */
export interface EvaluationPlan {
  readonly families: readonly DefenceFamily[];
  readonly levels: readonly number[];
  readonly training: UtilityBudget;
}

/** Builds every defence at every strength once, so that what is wrong with one is said before anything runs. */
export function evaluationOf(part: EvaluationPart, parts: PartBuilder): EvaluationPlan {
  const { levels } = part;
  if (levels.some((level, i) => i > 0 && level <= levels[i - 1]!)) {
    parts.complain(
      ["evaluate", "levels"],
      `found ${levels.join(", ")}; allowed: ascending percentage points of accuracy`,
    );
  }
  const { steps, batch, rates, seeds, train, test } = part.training;
  const training = { budget: { steps, batch }, rates, seeds, train, test };
  return {
    families: part.defences.map((swept, place) => familyOf(swept, place, parts)),
    levels: part.levels,
    training,
  };
}

function familyOf(swept: SweptDefence, place: number, parts: PartBuilder): DefenceFamily {
  const [parameter, strengths] = Object.entries(swept.sweep)[0]!;
  const path = ["evaluate", "defences", place];
  const at = (strength: number): Defence | undefined =>
    parts.build("defences", { ...swept, options: { ...swept.options, [parameter]: strength } }, path, (make, options) =>
      make(options as { readonly [key: string]: Json }),
    );
  for (const strength of strengths) at(strength);
  return {
    name: swept.name,
    parameter,
    strengths,
    at: (strength) => {
      const defence = at(strength);
      return defence === undefined ? [] : [defence];
    },
  };
}
