import { type Arrays, type NdArray, type Shape, sizeOf } from "@recon/engine";
import type { Model } from "../problem.ts";
import type { Rng } from "../random.ts";

/** Standard normal numbers of a shape. */
export function drawNormal(shape: Shape, rng: Rng): NdArray & { readonly data: Float64Array } {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => rng.normal()) };
}

/** Standard normal arrays of the shapes of others. */
export function drawLike(shapes: Readonly<Record<string, { readonly shape: Shape }>>, rng: Rng): Arrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }]) => [name, drawNormal(shape, rng.split(name))]),
  );
}

/** A batch that fits a model: normal inputs; one-hot targets where they are distributions, normal ones elsewhere. */
export function drawBatch(model: Model, batch: number, rng: Rng): { input: NdArray; target: NdArray } {
  const target = drawNormal([batch, ...model.target.shape], rng.split("target"));
  if (model.target.kind === "distribution") {
    const classes = model.target.shape.at(-1) ?? 1;
    const choose = rng.split("class");
    target.data.fill(0);
    for (let row = 0; row < target.data.length; row += classes) target.data[row + choose.integer(classes)] = 1;
  }
  return { input: drawNormal([batch, ...model.input.shape], rng.split("input")), target };
}
