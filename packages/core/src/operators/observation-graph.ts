import { type Arrays, type Graph, graph, input, type Shape, type Tensors } from "@recon/engine";
import { modelState } from "../model-state.ts";
import type { Model, Operator } from "../problem.ts";
import type { Rng } from "../random.ts";

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

/**
 * The victim's program: parameters, a batch and the model's nuisances in, the clean observation F(S) out.
 *
 * @param shape of one input, where items differ; the model's unless given.
 */
export function observationGraph(
  model: Model,
  operator: Operator,
  batch: number,
  shape: Shape = model.input.shape,
): Graph {
  const parameters = parameterInputs(model);
  const data = {
    input: input(inputName, [batch, ...shape]),
    target: input(targetName, [batch, ...model.target.shape]),
    ...nuisanceInputs(model, batch),
    ...latentInputs(operator, batch),
  };
  const observed = operator.observe(model, parametersOf(model, parameters), data);
  return graph({ ...parameters, ...data }, observed);
}

function nuisanceInputs(model: Model, batch: number): Tensors {
  return Object.fromEntries(
    Object.entries(model.nuisances ?? {}).map(([name, { shape }]) => [name, input(name, [batch, ...shape])]),
  );
}

function latentInputs({ latents = {} }: Operator, batch: number): Tensors {
  return Object.fromEntries(Object.entries(latents).map(([name, { shape }]) => [name, input(name, [batch, ...shape])]));
}

/** What the client draws for one observation, each nuisance from its own stream. */
export function drawNuisances(model: Model, batch: number, rng: Rng): Arrays {
  return Object.fromEntries(
    Object.entries(model.nuisances ?? {}).map(([name, nuisance]) => [name, nuisance.draw(rng.split(name), batch)]),
  );
}

/** Values for the inputs that `parameterInputs` makes. */
export function parameterValues<T>(params: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [`parameter ${name}`, value]));
}
