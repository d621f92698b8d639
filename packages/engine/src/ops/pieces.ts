/** Joining and taking apart along an axis, and repetition, built of ops that exist. */
import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { normaliseAxes } from "./indexing.ts";
import { broadcastTo, reshape } from "./shape.ts";
import { concat, slice } from "./slice.ts";

/** Tensors of one shape side by side along a new axis. @throws EngineError `shape` or `axis`. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const first = parts[0];
  if (first === undefined) throw new EngineError("shape", "stack: there is nothing to join.");
  const at = normaliseAxes("stack", [axis], first.shape.length + 1)[0]!;
  const widened = parts.map((part) => reshape(part, [...part.shape.slice(0, at), 1, ...part.shape.slice(at)]));
  return concat(widened, at);
}

/** Consecutive pieces of the given extents along `axis`. @throws EngineError `shape` when they do not add up. */
export function split(x: Tensor, extents: readonly number[], axis: number): Tensor[] {
  const at = normaliseAxes("split", [axis], x.shape.length)[0]!;
  const total = extents.reduce((a, b) => a + b, 0);
  if (total !== x.shape[at])
    throw new EngineError("shape", `split: pieces [${extents}] add up to ${total}, not to ${x.shape[at]}.`);
  let start = 0;
  return extents.map((extent) => {
    const starts = x.shape.map((_, i) => (i === at ? start : 0));
    start += extent;
    return slice(
      x,
      starts,
      x.shape.map((whole, i) => (i === at ? extent : whole)),
    );
  });
}

/** x one after another `repeats` times along every axis. @throws EngineError `shape`. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.shape.length || repeats.some((n) => !Number.isInteger(n) || n < 1))
    throw new EngineError(
      "shape",
      `tile: repeats [${repeats}] must be one positive number for each axis of [${x.shape.join(", ")}].`,
    );
  const apart = reshape(
    x,
    x.shape.flatMap((extent) => [1, extent]),
  );
  const repeated = broadcastTo(
    apart,
    x.shape.flatMap((extent, axis) => [repeats[axis]!, extent]),
  );
  return reshape(
    repeated,
    x.shape.map((extent, axis) => extent * repeats[axis]!),
  );
}
