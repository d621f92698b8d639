import {
  graph,
  input,
  type LinearLayer,
  layersOf,
  mul,
  rewrite,
  type Tensor,
  type Tensors,
  topologicalOrder,
} from "@recon/engine";
import { modelState } from "../../model-state.ts";
import type { Model } from "../../problem.ts";

/** What a net does with the pre-activations z [N, m] of one of its layers, symbolically: everything from there to the loss. */
export interface HeadBehind {
  /** The layer itself, in the whole net. */
  readonly layer: LinearLayer;
  readonly z: Tensor;
  readonly target: Tensor;
  readonly output: Tensor;
  /** Sum of the samples' losses. */
  readonly loss: Tensor;
  /** Linear layers behind z. */
  readonly layers: readonly LinearLayer[];
  /** Parameters and buffers that the head reads, by name. */
  readonly parameters: Tensors;
}

/**
 * The head behind a cut layer on N samples, with the layer's pre-activations as its input. A cut layer is a linear layer with one row a sample through which
 * everything passes that the loss knows of the data.
 *
 * @returns undefined where the layer has several rows a sample, or the data reaches the loss past it.
 */
export function headBehind(model: Model, weight: string, samples: number): HeadBehind | undefined {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, spec]) => [name, input(name, spec.shape)]),
  );
  const data = input("input", [samples, ...model.input.shape]);
  const whole = model.forward(parameters, { input: data }, "eval");
  const layer = layersOf(whole).find((one) => one.weight === weight);
  if (layer?.kind !== "linear") return undefined;
  const { shape } = layer.preActivation;
  if (shape.length !== 2 || shape[0] !== samples) return undefined;
  const z = input("z", shape);
  const { output } = rewrite(graph({ ...parameters, input: data }, { output: whole }), (node, original) =>
    original === layer.preActivation ? z : node,
  ).outputs as { readonly output: Tensor };
  const used = new Set(topologicalOrder([output]));
  if (used.has(data) || used.has(parameters[weight]!) || !used.has(z)) return undefined;
  const target = input("target", [samples, ...model.target.shape]);
  const loss = model.loss(output, { target });
  return {
    layer,
    z,
    target,
    output,
    loss: model.lossReduction === "sum" ? loss : mul(loss, samples),
    layers: layersOf(output).filter(
      (one): one is LinearLayer => one.kind === "linear" && parameters[one.weight] !== undefined,
    ),
    parameters: Object.fromEntries(Object.entries(parameters).filter(([, node]) => used.has(node))),
  };
}
