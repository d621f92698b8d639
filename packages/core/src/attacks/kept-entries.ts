import { composeDefences } from "../defences/compose.ts";
import type { Problem } from "../problem.ts";

/**
 * What of the clean observation the attacker sees as it was: every entry; every entry up to one positive factor; or only some.
 *
 * Noise is not counted here: it has a size, and certificates reckon with it. A channel that does not say what it keeps counts as keeping some.
 */
export function keptEntries({ defences, observation }: Problem): "all" | "all but their scale" | "some" {
  const channel = composeDefences(defences).channel;
  if (channel === undefined || channel.noiseStd(observation) > 0) return "all";
  const bounds = channel.preimage?.({ lower: observation, upper: observation });
  const known =
    bounds !== undefined &&
    Object.entries(bounds.lower).every(([name, { data }]) => {
      const high = bounds.upper[name]!.data;
      return data.every((low, k) => low === high[k]);
    });
  if (known) return "all";
  return channel.scalesOnly === true ? "all but their scale" : "some";
}
