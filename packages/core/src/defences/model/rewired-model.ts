import {
  broadcastTo,
  full,
  graph,
  input,
  type Layer,
  layersOf,
  reshape,
  rewrite,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { modelState } from "../../model-state.ts";
import type { Model } from "../../problem.ts";

/** What takes the place of a node of the forward pass. `named` gives the new model's parameters and the nuisances of this pass. */
export type Replacement = (node: Tensor, named: (name: string) => Tensor) => Tensor;

/** What a rewired model has besides: parameters, nuisances, initial values. */
export type Additions = Partial<Pick<Model, "parameters" | "nuisances" | "init">>;

/**
 * A model whose forward pass in train mode is the given one with some of its nodes replaced; in eval mode too where `always` is set.
 *
 * The given model is traced on symbols of its own, since a layer is known by its weight being an input, and then carried over to whatever the caller passes.
 *
 * @param rewiring which nodes of the traced net are replaced, from its layers.
 */
export function rewiredModel(
  model: Model,
  rewiring: (layers: readonly Layer[]) => ReadonlyMap<Tensor, Replacement>,
  additions: Additions,
  { always = false }: { readonly always?: boolean } = {},
): Model {
  const nuisances = { ...model.nuisances, ...additions.nuisances };
  return {
    ...model,
    ...additions,
    nuisances,
    forward(parameters, data, mode) {
      if (mode === "eval" && !always) return model.forward(parameters, data, mode);
      const x = data.input!;
      const batch = x.shape[0]!;
      const { inner, output, layers } = traced(model, batch, mode, data);
      const replacements = rewiring(layers);
      const outside = (name: string): Tensor => parameters[name] ?? data[name]!;
      const values = new Map(Object.entries(inner).map(([name, node]) => [node, name === "input" ? x : outside(name)]));
      const named = (name: string): Tensor => {
        const nuisance = nuisances[name];
        if (nuisance === undefined) return parameters[name]!;
        return data[name] ?? full(nuisance.expected, [batch, ...nuisance.shape]);
      };
      const rewired = rewrite(graph(inner, { output }), (node, original) => {
        const value = values.get(original);
        return value ?? replacements.get(original)?.(node, named) ?? node;
      });
      return rewired.outputs.output!;
    },
  };
}

/** The layers of a model's forward pass in train mode, found by structure, on a batch of one. */
export function trainLayers(model: Model): readonly Layer[] {
  return traced(model, 1, "train", {}).layers;
}

/** The forward pass on symbols: parameters, buffers and `input`, and those nuisances that the data holds. */
function traced(
  model: Model,
  batch: number,
  mode: "train" | "eval",
  data: Tensors,
): { readonly inner: Tensors; readonly output: Tensor; readonly layers: readonly Layer[] } {
  const state = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const drawn = Object.fromEntries(
    Object.entries(model.nuisances ?? {}).flatMap(([name, { shape }]): [string, Tensor][] =>
      data[name] === undefined ? [] : [[name, input(name, [batch, ...shape])]],
    ),
  );
  const x = input("input", [batch, ...model.input.shape]);
  const output = model.forward(state, { ...drawn, input: x }, mode);
  const layers = layersOf(output).filter((layer) => state[layer.weight] !== undefined);
  return { inner: { ...state, ...drawn, input: x }, output, layers };
}

/** One number a unit, [B, units], spread over a layer's output [B, units, ...]. */
export function overUnits(values: Tensor, output: Tensor): Tensor {
  const trailing = output.shape.slice(2).map(() => 1);
  return broadcastTo(reshape(values, [...values.shape, ...trailing]), output.shape);
}
