import type { ShownItem } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** What is shown of one column; each absent where it is not given. */
export interface ShownCurves {
  readonly truth?: Float64Array;
  readonly estimate?: Float64Array;
  readonly floor?: Float64Array;
  /** Two standard deviations above and below the estimate of the input. */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array };
}

/** How many columns an input has, and how many steps. */
export interface Extents {
  readonly observed: number;
  readonly horizon: number;
  readonly features: number;
}

/**
 * One column of what is shown, in time order: the input's steps and, for column 0, the target's after them.
 *
 * Where one of the two is not given, or has another length, its steps are NaN.
 */
export function shownCurves(item: ShownItem, column: number, extents: Extents): ShownCurves {
  const { observed, horizon, features } = extents;
  const of = (name: "truth" | "estimate" | "floor"): Float64Array | undefined => {
    const [input, target] = [item[name], column === 0 ? item.targets?.[name] : undefined];
    if (input === undefined && target === undefined) return undefined;
    const values = new Float64Array(observed + (column === 0 ? horizon : 0)).fill(Number.NaN);
    if (input?.data.length === observed * features) values.set(columnOf(input, column, features));
    if (target?.data.length === horizon) values.set(target.data, observed);
    return values;
  };
  const [truth, estimate, floor] = [of("truth"), of("estimate"), of("floor")];
  const deviation = item.uncertainty?.data.length === observed * features ? item.uncertainty : undefined;
  const spread = deviation && columnOf(deviation, column, features);
  const around = (sign: number): Float64Array => spread!.map((value, i) => estimate![i]! + sign * 2 * value);
  return {
    ...(truth && { truth }),
    ...(estimate && { estimate }),
    ...(floor && { floor }),
    ...(spread && estimate && { band: { low: around(-1), high: around(1) } }),
  };
}

function columnOf({ data }: NdArray, column: number, features: number): Float64Array {
  return Float64Array.from({ length: data.length / features }, (_, step) => data[step * features + column]!);
}
