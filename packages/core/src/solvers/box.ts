import type { NdArray } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { broadcastValues } from "./broadcast-values.ts";
import type { Layout } from "./layout.ts";

/** Bounds of named arrays; a number, or an array that broadcasts to the named array's shape. Names left out are free. */
export type Box = Readonly<Record<string, { readonly lower: NdArray | number; readonly upper: NdArray | number }>>;

/** A map onto the feasible set, in place. */
export type Projection = (x: Float64Array) => void;

/** A projection before it knows where the arrays lie. */
export type Projector = (layout: Layout) => Projection;

/** Lower and upper bound of every unknown, ±Infinity where free. */
export interface FlatBox {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Spreads a box over a layout. @throws ReconError `bad-box` for an unknown name, a shape that does not fit or lower > upper. */
export function flatBox(box: Box, layout: Layout): FlatBox {
  const lower = new Float64Array(layout.size).fill(Number.NEGATIVE_INFINITY);
  const upper = new Float64Array(layout.size).fill(Number.POSITIVE_INFINITY);
  for (const [name, bounds] of Object.entries(box)) {
    const part = layout.parts.find((candidate) => candidate.name === name);
    if (part === undefined) {
      const names = layout.parts.map((candidate) => candidate.name).join(", ");
      throw new ReconError("bad-box", `The box bounds "${name}", which is not an unknown. The unknowns are: ${names}.`);
    }
    lower.set(broadcastValues(bounds.lower, part.shape, `lower bound of "${name}"`), part.offset);
    upper.set(broadcastValues(bounds.upper, part.shape, `upper bound of "${name}"`), part.offset);
  }
  for (let i = 0; i < layout.size; i++) {
    if (!(lower[i]! <= upper[i]!)) {
      throw new ReconError(
        "bad-box",
        `The box is empty: element ${i} has lower bound ${lower[i]} and upper ${upper[i]}.`,
      );
    }
  }
  return { lower, upper };
}

/** Clamps to the box: x ← min(max(x, lower), upper). */
export function projectBox(box: Box): Projector {
  return (layout) => {
    const { lower, upper } = flatBox(box, layout);
    return (x) => clamp(x, lower, upper);
  };
}

/** x ← min(max(x, lower), upper), element by element, in place. */
export function clamp(x: Float64Array, lower: Float64Array, upper: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (value < lower[i]!) x[i] = lower[i]!;
    else if (value > upper[i]!) x[i] = upper[i]!;
  }
}
