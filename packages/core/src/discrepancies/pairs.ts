import type { Tensor, Tensors } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** A tensor of the candidate and its counterpart in the observation. */
export interface Pair {
  readonly name: string;
  readonly candidate: Tensor;
  readonly observed: Tensor;
}

/** Pairs the tensors of both sides in the observation's order. @throws ReconError `observation-shape` when they do not match. */
export function pairsOf(candidate: Tensors, observed: Tensors): readonly Pair[] {
  const names = Object.keys(observed);
  const extra = Object.keys(candidate).find((name) => observed[name] === undefined);
  if (extra !== undefined) {
    throw new ReconError(
      "observation-shape",
      `The candidate has "${extra}", which was not observed. Compare the same tensors.`,
    );
  }
  if (names.length === 0) {
    throw new ReconError("observation-shape", "There is nothing to compare: the observation holds no tensor.");
  }
  return names.map((name) => {
    const mine = candidate[name];
    const theirs = observed[name]!;
    if (mine === undefined || mine.shape.join() !== theirs.shape.join()) {
      const found = mine === undefined ? "is missing" : `has shape [${mine.shape.join(", ")}]`;
      const wanted = `[${theirs.shape.join(", ")}]`;
      throw new ReconError(
        "observation-shape",
        `"${name}" ${found} in the candidate; the observation has shape ${wanted}.`,
      );
    }
    return { name, candidate: mine, observed: theirs };
  });
}
