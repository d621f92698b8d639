import { type Graph, graph, input, type Tensors } from "@recon/engine";
import { modelState } from "../model-state.ts";
import type { Model, Operator } from "../problem.ts";

/** Names of a model's data inputs in every graph that core builds. */
export const inputName = "input";
export const targetName = "target";

/** Symbolic inputs for the parameters and buffers of a model, named `parameter …`. */
export function parameterInputs(model: Model): Tensors {
  return Object.fromEntries(
    Object.entries(modelState(model)).map(([name, spec]) => [
      `parameter ${name}`,
      input(`parameter ${name}`, spec.shape),
    ]),
  );
}

/** Parameters and buffers by their own names, from inputs named `parameter …`. */
export function parametersOf(model: Model, inputs: Tensors): Tensors {
  return Object.fromEntries(Object.keys(modelState(model)).map((name) => [name, inputs[`parameter ${name}`]!]));
}

/** The victim's program: parameters and a batch in, the clean observation F(S) out. */
export function observationGraph(model: Model, operator: Operator, batch: number): Graph {
  const parameters = parameterInputs(model);
  const data = {
    input: input(inputName, [batch, ...model.input.shape]),
    target: input(targetName, [batch, ...model.target.shape]),
  };
  const observed = operator.observe(model, parametersOf(model, parameters), data);
  return graph({ ...parameters, ...data }, observed);
}

/** Values for the inputs that `parameterInputs` makes. */
export function parameterValues<T>(params: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [`parameter ${name}`, value]));
}
