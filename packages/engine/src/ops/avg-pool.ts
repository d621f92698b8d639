import { sizeOf, type Tensor } from "../tensor.ts";
import { div, mul } from "./arithmetic.ts";
import { conv } from "./conv.ts";
import { constant } from "./leaf.ts";
import { type PoolOptions, poolWindows } from "./max-pool.ts";
import { sumPool } from "./pool.ts";
import { full, reshape } from "./shape.ts";

/** Windows of an average, and what its border counts for. */
export interface AvgPoolOptions extends PoolOptions {
  /** Divide by the full window also where it reaches into the border (as if the border held zeros); otherwise by what lies inside. True unless said. */
  readonly countBorder?: boolean;
}

/**
 * Mean over windows of the spatial axes of x [B, C, ...], overlapping or with a border as the options say.
 *
 * Windows that tile x are summed directly; others are a convolution with a kernel of ones, one channel at a time.
 *
 * @param size extent of a window, for all axes or one each.
 * @throws EngineError `shape`.
 */
export function avgPool(
  x: Tensor,
  size: number | readonly number[],
  { countBorder = true, ...options }: AvgPoolOptions = {},
): Tensor {
  const { sizes, strides, pads, out } = poolWindows("avgPool", x, size, options);
  const extents = x.shape.slice(2);
  const tiles =
    pads.every((pad) => pad === 0) &&
    sizes.every((extent, i) => extent === sizes[0] && extent === strides[i] && extents[i]! % extent === 0);
  if (tiles) return mul(sumPool(x, sizes[0]!), 1 / sizeOf(sizes));
  const ones = constant(new Float64Array(sizeOf(sizes)).fill(1), [1, 1, ...sizes]);
  const geometry = { strides, pads };
  const channels = reshape(x, [x.shape[0]! * x.shape[1]!, 1, ...extents]);
  const total = reshape(conv(channels, ones, geometry), [...x.shape.slice(0, 2), ...out]);
  if (countBorder || pads.every((pad) => pad === 0)) return mul(total, 1 / sizeOf(sizes));
  return div(total, conv(full(1, [1, 1, ...extents]), ones, geometry));
}
