import type { Executor } from "@recon/engine";
import { type CompiledHead, compiledHead } from "../exact/cut-layer/compiled-head.ts";
import { headBehind } from "../exact/cut-layer/head-behind.ts";
import type { ObservedLayer } from "../exact/cut-layer/observed-sums.ts";
import { weightMatrix } from "../exact/weight-matrix.ts";
import { appendColumn, type Matrix } from "../linear-algebra/matrix.ts";
import type { Model, Problem } from "../problem.ts";
import { traceModel } from "./model-layers.ts";

/**
 * The first cut layer of a model: the earliest linear layer with an activation, one row a sample, through which everything passes that the loss knows of the data.
 *
 * @returns the name of its weight, or why there is none.
 */
export function firstCutLayer(model: Model): { readonly weight: string } | { readonly reason: string } {
  const bent = traceModel(model).layers.filter(
    (layer) =>
      layer.kind === "linear" && layer.activation.name !== "identity" && layer.preActivation.shape.length === 2,
  );
  const found = bent.find(({ weight }) => headBehind(model, weight, 2) !== undefined);
  if (found !== undefined) return { weight: found.weight };
  return { reason: "no linear layer with an activation has all of a sample's data pass through it in one row" };
}

/** A cut layer with its gradient, and the head behind it. */
export interface ObservedCut {
  /** [W | b] [m, D], or W alone where the bias has no gradient. */
  readonly weight: Matrix;
  readonly gradient: Matrix;
  readonly biased: boolean;
  readonly behind: readonly ObservedLayer[];
  readonly head: CompiledHead;
}

/** Reads a cut layer's gradient and those behind it off an observation; the caller disposes of the head. */
export function observedCut(
  { model, params, observation }: Problem,
  name: string,
  executor: Executor,
): ObservedCut | { readonly reason: string } {
  const sent = observation[name];
  if (sent === undefined) return { reason: `the observation holds no gradient of ${name}` };
  const held = params[name]!;
  if (sent.shape.join() !== held.shape.join()) {
    return {
      reason: `the gradient of ${name} has shape [${sent.shape.join(", ")}], and the layer has [${held.shape.join(", ")}]`,
    };
  }
  const head = compiledHead(model, name, params, executor);
  if (head === undefined) return { reason: `not everything passes through layer ${name}` };
  const { layer, layers } = head;
  const [bias, biasGradient] = layer.bias === undefined ? [] : [params[layer.bias], observation[layer.bias]];
  const weight = weightMatrix(layer, held);
  const gradient = weightMatrix(layer, sent);
  const both = bias !== undefined && biasGradient !== undefined;
  return {
    weight: both ? appendColumn(weight, bias.data) : weight,
    gradient: both ? appendColumn(gradient, biasGradient.data) : gradient,
    biased: both,
    behind: layers.map((one): ObservedLayer => {
      const outer = observation[one.weight];
      const outerBias = one.bias === undefined ? undefined : observation[one.bias];
      return {
        ...(outer && { gradient: weightMatrix(one, outer) }),
        ...(outerBias && { biasGradient: Float64Array.from(outerBias.data) }),
      };
    }),
    head,
  };
}
