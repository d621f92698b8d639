import { type Arrays, constant, mul, type Tensors } from "@recon/engine";
import type { Knowledge } from "../../problem.ts";

/** What exact zeros give away: `mask` itself, and `mask NAME` for every tensor, 1 where an entry survived and 0 where it was removed. */
export function visibleMask(observed: Arrays): Knowledge {
  const masks = Object.entries(survivors(observed)).map(([name, mask]) => [`mask ${name}`, mask] as const);
  return { mask: true, ...Object.fromEntries(masks) };
}

/** A candidate with the entries removed that the observation lacks. */
export function masked(clean: Tensors, observed: Arrays): Tensors {
  const masks = survivors(observed);
  return Object.fromEntries(
    Object.entries(clean).map(([name, x]) => [name, mul(x, constant(masks[name]!.data, x.shape))]),
  );
}

/** 1 where an entry is not zero. */
function survivors(observed: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(observed).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value) => Number(value !== 0)) },
    ]),
  );
}
