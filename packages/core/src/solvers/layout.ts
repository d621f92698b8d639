import { type Arrays, type Shape, sizeOf } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** Where each named array lives in one flat vector: the arrays one after the other, in the order of their names in the start. */
export interface Layout {
  readonly size: number;
  readonly parts: readonly LayoutPart[];
}

/** One array's place: elements `offset` … `offset + size − 1`. */
export interface LayoutPart {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly size: number;
}

/** The layout of a named set of arrays. */
export function layoutOf(arrays: Arrays): Layout {
  let offset = 0;
  const parts = Object.entries(arrays).map(([name, { shape }]) => {
    const part = { name, shape, offset, size: sizeOf(shape) };
    offset += part.size;
    return part;
  });
  return { size: offset, parts };
}

/**
 * The arrays as one fresh float64 vector.
 *
 * @throws ReconError `objective-shape` when an array is missing or has another number of elements than its place.
 */
export function flatten(arrays: Arrays, layout: Layout): Float64Array {
  const vector = new Float64Array(layout.size);
  for (const { name, shape, offset, size } of layout.parts) {
    const data = arrays[name]?.data;
    if (data === undefined || data.length !== size) {
      const found = data === undefined ? "nothing" : `${data.length} numbers`;
      throw new ReconError(
        "objective-shape",
        `The solver needs "${name}" with shape [${shape.join(", ")}] and got ${found}. Return the gradient under the names and shapes of the start.`,
      );
    }
    vector.set(data, offset);
  }
  return vector;
}

/** The vector as named arrays; a copy, so that nobody who keeps it sees later steps. */
export function unflatten(vector: Float64Array, layout: Layout): Arrays {
  return Object.fromEntries(
    layout.parts.map(({ name, shape, offset, size }) => [name, { shape, data: vector.slice(offset, offset + size) }]),
  );
}
