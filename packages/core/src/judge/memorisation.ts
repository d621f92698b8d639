import type { NdArray } from "@recon/engine";
import { itemOf } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import { matrix } from "../linear-algebra/matrix.ts";
import type { Resemblance } from "../problem.ts";
import { assign } from "./match.ts";

/** What candidates say of items, and how many of them come out at each level. */
export interface ItemsFound {
  /** Resemblance of each item to the candidate matched to it; −∞ where there was none. */
  readonly scores: readonly number[];
  /** Place of that candidate, or −1. */
  readonly places: readonly number[];
  readonly similar: number;
  readonly nearVerbatim: number;
  readonly verbatim: number;
}

/** What came out of the training data, beside what the same candidates hit of data that was never trained on. */
export interface Memorisation {
  readonly trained: ItemsFound;
  readonly heldOut: ItemsFound;
  /** Hits on training items less hits on the control. */
  readonly excess: number;
  /** Shares of the training items. */
  readonly verbatimShare: number;
  readonly nearVerbatimShare: number;
}

/**
 * Which training items come out of a model: candidates are matched one to one with the training items, and, anew, with as many held-out items of the same
 * source, so that what chance and likeness give alone is seen.
 *
 * @param candidates [m, ...shape]; there may be more than items.
 * @throws ReconError `shape` when the control is not as large as the training data.
 */
export function memorisation(
  candidates: NdArray,
  trained: NdArray,
  heldOut: NdArray,
  resemblance: Resemblance,
): Memorisation {
  if (trained.shape[0] !== heldOut.shape[0]) {
    throw new ReconError(
      "shape",
      `memorisation: ${heldOut.shape[0]} held-out items for ${trained.shape[0]} training items; the control must be as large.`,
    );
  }
  const [of, control] = [found(candidates, trained, resemblance), found(candidates, heldOut, resemblance)];
  const count = Math.max(1, of.scores.length);
  return {
    trained: of,
    heldOut: control,
    excess: of.similar - control.similar,
    verbatimShare: of.verbatim / count,
    nearVerbatimShare: of.nearVerbatim / count,
  };
}

function found(candidates: NdArray, items: NdArray, resemblance: Resemblance): ItemsFound {
  const estimates = Array.from({ length: candidates.shape[0]! }, (_, k) => itemOf(candidates, k));
  const rows = Array.from({ length: items.shape[0]! }, (_, i) => {
    const item = itemOf(items, i);
    return estimates.map((estimate) => {
      const score = resemblance.score(estimate, item);
      return Number.isFinite(score) ? score : -1e9;
    });
  });
  const costs = matrix(
    rows.length,
    estimates.length,
    rows.flat().map((score) => -score),
  );
  const places = Array.from(assign(costs));
  const scores = places.map((place, i) => (place < 0 ? Number.NEGATIVE_INFINITY : rows[i]![place]!));
  const above = (level: number): number => scores.filter((score) => score > level).length;
  return {
    scores,
    places,
    similar: above(resemblance.similar),
    nearVerbatim: above(resemblance.nearVerbatim),
    verbatim: above(resemblance.verbatim),
  };
}
