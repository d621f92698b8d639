import {
  appendColumn,
  type Matrix,
  type MatrixProduct,
  matrix,
  type Problem,
  type RowSpace,
  rowSpace,
  transposed,
} from "@recon/core";
import type { LinearLayer } from "@recon/engine";
import { tensorRead } from "../../structure/attention-layers.ts";

/** The row space of the gradients of the layers that read one and the same tensor. */
export interface LayerSpace {
  /** Layers that read the tensor; their gradients are stacked. */
  readonly layers: readonly LinearLayer[];
  /** Whether the space is that of [dW | db], so that a vector is followed by a 1 before it is compared. */
  readonly biased: boolean;
  readonly space: RowSpace;
}

/** What a set of layers gives: the spaces that were found, and why others were not. */
export interface LayerSpaces {
  readonly found: readonly LayerSpace[];
  readonly refused: readonly string[];
}

/**
 * Row spaces of the gradients of linear layers, one a tensor that is read: layers with the same input have the same rows in them.
 *
 * Where a layer has a bias its gradient is a further column, which keeps vectors apart that are multiples or, with weights that sum to another number than 1,
 * combinations of each other. Missing and mis-shaped gradients are left out and said.
 */
export async function layerSpaces(
  problem: Problem,
  layers: readonly LinearLayer[],
  noiseStd: number,
  product: MatrixProduct,
): Promise<LayerSpaces> {
  const refused: string[] = [];
  const groups = new Map<unknown, LinearLayer[]>();
  for (const layer of layers) {
    const reason = unusable(problem, layer);
    if (reason !== undefined) refused.push(reason);
    else groups.set(tensorRead(layer), [...(groups.get(tensorRead(layer)) ?? []), layer]);
  }
  const found: LayerSpace[] = [];
  for (const group of groups.values()) {
    const withBias = group.filter(({ bias }) => bias !== undefined && problem.observation[bias] !== undefined);
    const biased = withBias.length > 0;
    const used = biased ? withBias : group;
    const { value, reason } = await rowSpace(stackedGradient(problem, used, biased), {
      precision: problem.observationPrecision,
      noiseStd,
      product,
    });
    if (value === undefined) refused.push(`${used[0]!.weight}: ${reason}`);
    else found.push({ layers: used, biased, space: value });
  }
  return { found, refused };
}

function unusable({ observation, model }: Problem, { weight }: LinearLayer): string | undefined {
  const expected = model.parameters[weight]!.shape;
  const seen = observation[weight];
  if (seen === undefined) return `The observation holds no gradient of ${weight}.`;
  if (seen.shape.join() === expected.join()) return undefined;
  return `The gradient of ${weight} has the shape [${seen.shape.join(", ")}], and the model's is [${expected.join(", ")}].`;
}

/** [dW | db] of several layers below each other, [Σ out, in + 1], or dW alone. */
function stackedGradient({ observation }: Problem, layers: readonly LinearLayer[], biased: boolean): Matrix {
  const parts = layers.map((layer) => {
    const { shape, data } = observation[layer.weight]!;
    const stored = matrix(shape[0]!, shape[1]!, data);
    const rows = layer.layout === "transposed" ? transposed(stored) : stored;
    return biased ? appendColumn(rows, observation[layer.bias!]!.data) : rows;
  });
  const cols = parts[0]!.cols;
  const all = matrix(
    parts.reduce((sum, part) => sum + part.rows, 0),
    cols,
  );
  let at = 0;
  for (const part of parts) {
    all.data.set(part.data, at);
    at += part.data.length;
  }
  return all;
}
