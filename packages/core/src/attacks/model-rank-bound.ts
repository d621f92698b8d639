import { type RankBound, rankBound } from "../certificate/rank-bound.ts";
import type { Model } from "../problem.ts";
import { traceModel } from "./model-layers.ts";

/** The rank that the errors at the model's first linear layer could have had, or at the one of index `at` among its layers, from the widths behind it. */
export function modelRankBound(model: Model, at = 0): RankBound {
  const layers = traceModel(model).layers.slice(at);
  const sizeOf = (shape: readonly number[]): number => shape.slice(1).reduce((n, extent) => n * extent, 1);
  const widths = layers.map((layer) => sizeOf(layer.preActivation.shape));
  const bent = layers.some((layer) => !["relu", "leakyRelu", "identity"].includes(layer.activation.name));
  const losses: Readonly<Record<string, "softmax" | "squared">> = {
    "cross-entropy": "softmax",
    "mean-squared-error": "squared",
  };
  return rankBound({
    inputs: sizeOf(layers[0]!.input.shape),
    outputs: widths[0]!,
    laterWidths: widths.slice(1),
    loss: losses[model.lossKind] ?? "other",
    piecewiseLinear: !bent,
  });
}
