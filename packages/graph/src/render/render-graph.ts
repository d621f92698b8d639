import { type Picture, ReconError, type ShownItem } from "@recon/core";
import type { GraphKind } from "../domain.ts";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { circlePicture } from "./circle-picture.ts";
import { moleculePicture } from "./molecule-picture.ts";
import { shownGraphs } from "./shown-graphs.ts";

/** Draws each kind of graph. */
const pictures: Readonly<Record<GraphKind, (item: ShownItem, table: FeatureTable) => Picture>> = {
  molecule: (item, table) => {
    try {
      return moleculePicture(shownGraphs(item, table), table);
    } catch (error) {
      // A result is worth showing where the chemistry package is not installed.
      if (error instanceof ReconError && error.code === "missing-package") return circlePicture(item, table);
      throw error;
    }
  },
  edges: circlePicture,
};

/** The picture of one item: original, reconstruction and guess side by side, as far as they are given. */
export function renderGraph(item: ShownItem, kind: GraphKind, table: FeatureTable): readonly Picture[] {
  const given = [item.truth, item.estimate, item.floor].some((array) => array !== undefined);
  return given ? [pictures[kind](item, table)] : [];
}
