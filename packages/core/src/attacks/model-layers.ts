import { input, type Layer, type LinearLayer, layersOf, type Tensor } from "@recon/engine";
import { modelState } from "../model-state.ts";
import type { Model } from "../problem.ts";

/** A model's forward pass on one sample, and the layers found in it from input to head. */
export interface TracedModel {
  readonly input: Tensor;
  readonly output: Tensor;
  readonly layers: readonly Layer[];
}

/** Traces a model, as in evaluation unless said; weights and buffers carry the model's own names. */
export function traceModel(model: Model, mode: "train" | "eval" = "eval"): TracedModel {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, spec]) => [name, input(name, spec.shape)]),
  );
  const data = input("input", [1, ...model.input.shape]);
  const output = model.forward(parameters, { input: data }, mode);
  // A product with data that is an input by itself looks like a layer, and is none.
  const layers = layersOf(output).filter((layer) => parameters[layer.weight] !== undefined);
  return { input: data, output, layers };
}

/** The linear layer that the data enters directly, but for a reshape; undefined where something else comes first. */
export function firstLinearLayer(model: Model): LinearLayer | undefined {
  const { input: data, layers } = traceModel(model);
  const first = layers.find((layer) => withoutReshapes(layer.input) === data);
  return first?.kind === "linear" ? first : undefined;
}

function withoutReshapes(x: Tensor): Tensor {
  return x.op.name === "reshape" ? withoutReshapes(x.inputs[0]!) : x;
}
