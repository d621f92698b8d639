import {
  add,
  graph,
  input,
  type LinearLayer,
  layersOf,
  linear,
  type NdArray,
  rewrite,
  type Tensor,
  type Tensors,
  topologicalOrder,
} from "@recon/engine";
import { headBehind } from "../../exact/cut-layer/head-behind.ts";
import { rankTest } from "../../exact/rank.ts";
import { weightMatrix } from "../../exact/weight-matrix.ts";
import { type Matrix, matrixOf } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { modelState } from "../../model-state.ts";
import type { LocalTraining, Model, Problem } from "../../problem.ts";
import { clause, knownNoise } from "../conclude.ts";
import { firstLinearLayer } from "../model-layers.ts";
import { summedGradients } from "./surrogate.ts";

/**
 * The inputs of a batch in the few directions that they span. Every step of local training adds Δᵀ X to the weight of the layer that the data enters, so
 * the rows of the whole sum span what the samples span, whatever moved in between.
 */
export interface SpanReduction {
  readonly layer: LinearLayer;
  /** V [d, r], orthonormal: x = V m. */
  readonly basis: Matrix;
  /** The same update of the same net, whose first layer takes m [r]. */
  readonly problem: Problem;
  /** Sums of the first layer's gradients [m, d] and [m]. */
  readonly sums: { readonly weight: Matrix; readonly bias?: Float64Array };
}

/**
 * Reduces a problem to the span of its inputs, exactly: W x = (W V) m and Δᵀ X V = Δᵀ M at every step.
 *
 * @returns a reason where the data does not enter a linear layer, reaches the loss past it, or left fewer directions than there are samples.
 */
export async function reduceToSpan(
  problem: Problem,
  training: LocalTraining,
  product: MatrixProduct,
): Promise<SpanReduction | { readonly reason: string }> {
  const { model, params, observation } = problem;
  const layer = firstLinearLayer(model);
  if (layer === undefined) return { reason: "the data does not enter a linear layer first" };
  if (headBehind(model, layer.weight, 2) === undefined)
    return { reason: `layer ${layer.weight} is not all that reads the data` };
  if (observation[layer.weight] === undefined) return { reason: `nothing was sent of layer ${layer.weight}` };
  const sent = summedGradients(problem, training);
  const weight = weightMatrix(layer, sent[layer.weight]!);
  const biasSums = layer.bias === undefined ? undefined : sent[layer.bias];
  const bias = biasSums && Float64Array.from(biasSums.data);
  const accuracy = { precision: problem.observationPrecision, noiseStd: knownNoise(problem), product, limit: 256 };
  const samples = await rankTest(weight, bias, accuracy);
  const batch = problem.knowledge.batchSize as number;
  if (samples.value?.rank !== batch) {
    const found = samples.value === undefined ? clause(samples.reason) : `it has rank ${samples.value.rank}`;
    return { reason: `the update of layer ${layer.weight} does not show ${batch} samples: ${found}` };
  }
  const alone = bias === undefined ? samples : await rankTest(weight, undefined, accuracy);
  if (alone.value === undefined) return { reason: clause(alone.reason) };
  const { right: basis } = await topSingular(weight, alone.value.rank, product);
  const reduced = async (array: NdArray): Promise<NdArray> => {
    const { rows, cols, data } = await product(weightMatrix(layer, array), basis);
    return { shape: [rows, cols], data };
  };
  return {
    layer,
    basis,
    sums: { weight, ...(bias && { bias }) },
    problem: {
      ...problem,
      model: reducedModel(model, layer, basis.cols),
      params: { ...params, [layer.weight]: await reduced(params[layer.weight]!) },
      observation: { ...observation, [layer.weight]: await reduced(observation[layer.weight]!) },
    },
  };
}

/** Inputs in the span as the model takes them: X = M Vᵀ. */
export async function lifted(
  { basis }: SpanReduction,
  model: Model,
  coordinates: NdArray,
  product: MatrixProduct,
): Promise<NdArray> {
  const { rows, data } = await product(matrixOf(coordinates), basis, { transposeB: true });
  return { shape: [rows, ...model.input.shape], data };
}

/** The net with r numbers in place of its inputs, and W V in place of the weight W of its first layer. */
function reducedModel(model: Model, { weight, bias, preActivation }: LinearLayer, directions: number): Model {
  const outputs = preActivation.shape.at(-1)!;
  return {
    ...model,
    input: { shape: [directions] },
    parameters: { ...model.parameters, [weight]: { shape: [outputs, directions] } },
    forward: (parameters, data, mode) => {
      const product = linear(data.input!, parameters[weight]!);
      const z = bias === undefined ? product : add(product, parameters[bias]!);
      return behind(model, weight, parameters, data, mode, z);
    },
  };
}

/** The model's output with z in place of the pre-activations of a layer. */
function behind(
  model: Model,
  weight: string,
  parameters: Tensors,
  { input: _, ...others }: Tensors,
  mode: "train" | "eval",
  z: Tensor,
): Tensor {
  const symbols = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const data = Object.fromEntries([
    ["input", input("input", [z.shape[0]!, ...model.input.shape])],
    ...Object.entries(others).map(([name, { shape }]) => [name, input(`data ${name}`, shape)]),
  ]) as Record<string, Tensor>;
  const output = model.forward(symbols, data, mode);
  const cut = layersOf(output).find((one) => one.weight === weight)!.preActivation;
  const values = new Map<Tensor, Tensor>([
    ...Object.entries(symbols).map(([name, symbol]): [Tensor, Tensor] => [symbol, parameters[name]!]),
    ...Object.entries(others).map(([name, value]): [Tensor, Tensor] => [data[name]!, value]),
  ]);
  const inputs = Object.fromEntries(
    topologicalOrder([output])
      .filter((node) => node.op.name === "input")
      .map((node, i) => [`${i}`, node]),
  );
  return rewrite(graph(inputs, { output }), (node, original) => (original === cut ? z : (values.get(original) ?? node)))
    .outputs.output!;
}
