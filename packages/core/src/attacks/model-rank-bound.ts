import { type RankBound, rankBound } from "../certificate/rank-bound.ts";
import type { Model } from "../problem.ts";
import { traceModel } from "./model-layers.ts";

/** The rank that the first layer's errors could have had, from the widths behind it. */
export function modelRankBound(model: Model): RankBound {
  const { layers } = traceModel(model);
  const widths = layers.map((layer) => layer.preActivation.shape.slice(1).reduce((n, extent) => n * extent, 1));
  const bent = layers.some((layer) => !["relu", "leakyRelu", "identity"].includes(layer.activation.name));
  const losses: Readonly<Record<string, "softmax" | "squared">> = {
    "cross-entropy": "softmax",
    "mean-squared-error": "squared",
  };
  return rankBound({
    inputs: model.input.shape.reduce((n, extent) => n * extent, 1),
    outputs: widths[0]!,
    laterWidths: widths.slice(1),
    loss: losses[model.lossKind] ?? "other",
    piecewiseLinear: !bent,
  });
}
