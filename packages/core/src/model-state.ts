import type { Model, Spec } from "./problem.ts";

/** Everything `model.init` gives and `model.forward` takes: the parameters, which an operator differentiates by, and then the buffers, which it does not. */
export function modelState(model: Model): Readonly<Record<string, Spec>> {
  return { ...model.parameters, ...model.buffers };
}
