import type { Item } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** The forecast column of a window from its first observed step to the end of its target, [T + H]: the curve that a prior of both is about. */
export function curveOf({ input, target }: Pick<Item, "input" | "target">): NdArray {
  const [steps = 0, columns = 1] = input.shape;
  const data = Float64Array.from({ length: steps + target.data.length }, (_, t) =>
    t < steps ? input.data[t * columns]! : target.data[t - steps]!,
  );
  return { shape: [data.length], data };
}
