import { type AttackContext, type CutLayerOutlook, cutLayerOutlook, type Problem } from "@recon/core";
import { madeUpInputs } from "./made-up-inputs.ts";
import { poolerOf } from "./pooler-inputs.ts";

/** What can be said of the vectors at the pooler before they are looked for, from vectors of made-up texts; or why nothing can. */
export async function poolerOutlook(
  problem: Problem,
  context: Pick<AttackContext, "executor" | "rng" | "signal">,
): Promise<CutLayerOutlook | { readonly reason: string }> {
  const pooler = poolerOf(problem);
  if ("reason" in pooler) return pooler;
  const likely = await madeUpInputs(problem, pooler.weight, context);
  if (likely === undefined) return { reason: "the data is not text, so no vectors can be made up" };
  return cutLayerOutlook(problem, context, { weight: pooler.weight, likely });
}

/** The outlook in a sentence. */
export function outlookSentence(
  outlook: CutLayerOutlook | { readonly reason: string },
  precision: "float32" | "float64",
): string {
  if ("reason" in outlook) return `Nothing can be foreseen of the pooler: ${outlook.reason}.`;
  const { amplification, range, expectedError, identifiable } = outlook;
  const size = `Rounding is amplified ${amplification.toExponential(0)} times (${range.map((end) => end.toExponential(0)).join(" to ")} over made-up batches) on the way to what tells the vectors at the pooler apart`;
  const error = `in ${precision} an error of ${expectedError.toExponential(0)} of that`;
  return `${size}: ${error}, so they are ${identifiable ? "identifiable" : "not identifiable at this precision"}.`;
}
