import type { Arrays } from "@recon/engine";
import { ReconError } from "../errors.ts";

/**
 * The update between two checkpoints of one net, Θ_K − Θ₀, in float64.
 *
 * @throws ReconError `checkpoints-differ`, which names the array and what each checkpoint holds of it.
 */
export function weightDifference(before: Arrays, after: Arrays): Arrays {
  const refuse = (name: string, what: string): ReconError =>
    new ReconError("checkpoints-differ", `The checkpoints are not of one net: "${name}" ${what}.`);
  const added = Object.keys(after).find((name) => before[name] === undefined);
  if (added !== undefined) throw refuse(added, "is only in the one after");
  return Object.fromEntries(
    Object.entries(before).map(([name, { shape, data }]) => {
      const other = after[name];
      if (other === undefined) throw refuse(name, "is only in the one before");
      if (other.shape.join() !== shape.join()) {
        throw refuse(name, `has shape [${shape.join(", ")}] before and [${other.shape.join(", ")}] after`);
      }
      return [name, { shape, data: Float64Array.from(data, (value, i) => other.data[i]! - value) }];
    }),
  );
}
