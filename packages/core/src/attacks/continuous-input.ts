import type { Applicability, Problem } from "../problem.ts";

/** Whether a search may move the input by small steps: names of things have nothing between them. */
export function continuousInput({ model }: Problem): Applicability {
  if (model.input.discrete !== true) return true;
  return {
    reason: `the input of ${model.name} is discrete, and a search by small steps needs numbers between which others lie`,
  };
}
