import { type Defence, type DefenceFamily, type Model, noiseForEpsilons, type UtilityBudget } from "@recon/core";
import { isReconError } from "../recon-error.ts";
import type { EvaluationPart, SweptDefence } from "./audit-file.ts";
import type { Options, PartBuilder } from "./part-builder.ts";
import type { KeyPath } from "./positions.ts";

/** What a file's key `evaluate` asks for, built from the pieces of the loaded plugins. */
export interface EvaluationPlan {
  readonly families: readonly DefenceFamily[];
  readonly levels: readonly number[];
  readonly training: UtilityBudget;
}

/** Builds every defence at every strength once, so that what is wrong with one is said before anything runs. */
export function evaluationOf(part: EvaluationPart, parts: PartBuilder, model: Model | undefined): EvaluationPlan {
  const { levels } = part;
  if (levels.some((level, i) => i > 0 && level <= levels[i - 1]!)) {
    parts.complain(
      ["evaluate", "levels"],
      `found ${levels.join(", ")}; allowed: ascending percentage points of accuracy`,
    );
  }
  const { steps, batch, rates, seeds, train, test } = part.training;
  const training = { budget: { steps, batch }, rates, seeds, train, test };
  const families = part.defences.map((swept, place) => familyOf(swept, place, parts));
  if (model !== undefined && parts.problems.length === 0) {
    for (const [place, family] of families.entries())
      checkEpsilons(family, ["evaluate", "defences", place, "epsilons"]);
  }
  return { families, levels, training };

  function checkEpsilons(family: DefenceFamily, path: KeyPath): void {
    try {
      noiseForEpsilons(family, model!, training);
    } catch (error) {
      if (!isReconError(error)) throw error;
      parts.complain(path, error.message);
    }
  }
}

/** Stands for the number of samples in the message, in training and in the attacks, where a defence wants to know it. */
const ofMessage = "message";

function familyOf(swept: SweptDefence, place: number, parts: PartBuilder): DefenceFamily {
  const [parameter, strengths] = Object.entries(swept.sweep)[0]!;
  const path = ["evaluate", "defences", place];
  // The schema has left only JSON.
  const given = (swept.options ?? {}) as Options;
  const optionsAt = (strength: number, batch: number): Options => ({
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === ofMessage ? batch : value])),
    [parameter]: strength,
  });
  let make: ((options: Options) => Defence) | undefined;
  for (const strength of strengths) {
    parts.build("defences", { name: swept.name, options: optionsAt(strength, 1) }, path, (factory, options) => {
      make = factory;
      return factory(options);
    });
  }
  return {
    name: swept.name,
    parameter,
    strengths,
    ...(swept.epsilons && { epsilons: swept.epsilons }),
    ...(swept.rates && { rates: swept.rates }),
    // What could not be built has been complained of, and nothing runs.
    at: (strength, batch) => (make === undefined ? [] : [make(optionsAt(strength, batch))]),
  };
}
