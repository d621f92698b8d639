import {
  type AttackContext,
  type CutLayerInputs,
  cutLayerInputs,
  firstCutLayer,
  type NoInputs,
  type Problem,
} from "@recon/core";
import { isWidened } from "../../models/widened-pooler.ts";
import { madeUpInputs } from "./made-up-inputs.ts";

/** The vectors that entered a pooler, one row a text in no order that means anything, and what may be claimed of them. */
export interface PoolerInputs extends CutLayerInputs {
  /** Name of the pooler's weight. */
  readonly layer: string;
}

/**
 * The vectors of all texts of a batch where they enter the pooler, from the gradients of pooler and classifier as they were sent.
 *
 * Of the encoder only vectors of made-up texts enter the search, and nothing of the true ones: texts are assigned to rows by whoever uses them.
 *
 * @see Li, Liu & Lei, "Beyond Gradient and Priors in Privacy Attacks: Leveraging Pooler Layer Inputs of Language Models in Federated Learning", 2023.
 */
export async function poolerInputs(
  problem: Problem,
  context: Pick<AttackContext, "executor" | "rng" | "signal">,
): Promise<PoolerInputs | NoInputs> {
  const pooler = poolerOf(problem);
  if ("reason" in pooler) return { verdict: "not identifiable", reason: pooler.reason };
  const likely = await madeUpInputs(problem, pooler.weight, context);
  const found = await cutLayerInputs(problem, context, { weight: pooler.weight, ...(likely && { likely }) });
  return "values" in found ? { ...found, layer: pooler.weight } : found;
}

/** The pooler of a problem's model, or why an attack on it does not apply. */
export function poolerOf({ model, knowledge }: Problem): { readonly weight: string } | { readonly reason: string } {
  if (isWidened(model) && knowledge.activeServer === undefined) {
    return { reason: "the server has widened the pooler, and an attacker who uses that needs the flag activeServer" };
  }
  return firstCutLayer(model);
}
