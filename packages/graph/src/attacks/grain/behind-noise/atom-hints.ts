import type { Problem } from "@recon/core";
import { type FeatureTable, featureRow } from "../../../graphs/feature-table.ts";
import { stagesOf } from "../stages.ts";

/** What the gradient of the first layer says of atoms before any graph is compared. */
export interface AtomHints {
  /** How probable it leaves the features of an atom, 1 where it says nothing against them. */
  weight(choices: readonly number[]): number;
}

/** What is left of an atom for every column of its features that no node shows. */
const hiddenColumn = 0.2;
/** What is left of an atom that the row space does not admit. */
const outside = 0.05;
/** Standard deviations of the energy of noise that a column must exceed to be shown. */
const deviations = 3;

/**
 * Hints instead of tests: behind noise a column or a direction of dW = Δᵀ X can be lost.
 *
 * A column of features that some node has adds to the column's energy, Σ dW², in which noise of variance σ² leaves σ² (m ± √2m) of m entries. The rows that the row space admits count where together they
 * show all columns that stand above that; else the space has lost a direction.
 *
 * @param admitted features of the nodes that the row space admits; none where it says nothing.
 */
export function atomHints(
  problem: Problem,
  table: FeatureTable,
  admitted: readonly (readonly number[])[],
  noiseStd: number,
): AtomHints {
  const rows = new Map<string, Float64Array>();
  const rowOf = (choices: readonly number[]): Float64Array => {
    const key = choices.join();
    const found = rows.get(key) ?? featureRow(table, choices);
    rows.set(key, found);
    return found;
  };
  const shown = shownColumns(
    problem,
    featureRow(
      table,
      table.map(() => 0),
    ).length,
    noiseStd,
  );
  const trusted = shown.every((any, column) => !any || admitted.some((choices) => rowOf(choices)[column] !== 0));
  const members = new Set(admitted.map((choices) => choices.join()));
  return {
    weight: (choices) => {
      const hidden = rowOf(choices).reduce((count, value, column) => count + Number(value !== 0 && !shown[column]), 0);
      return hiddenColumn ** hidden * (trusted && members.size > 0 && !members.has(choices.join()) ? outside : 1);
    },
  };
}

/** Which columns of features stand above the noise. */
function shownColumns({ model, observation }: Problem, features: number, noiseStd: number): boolean[] {
  const energies = new Float64Array(features);
  let entries = 0;
  const stages = stagesOf(model, features, 3, 7);
  for (const { weight, layout } of "reason" in stages ? [] : stages.nodes[0]!.layers) {
    const { shape, data } = observation[weight]!;
    const [rows, columns] = shape as [number, number];
    entries += layout === "plain" ? rows : columns;
    for (let i = 0; i < data.length; i++) {
      energies[layout === "plain" ? i % columns : Math.floor(i / columns)]! += data[i]! ** 2;
    }
  }
  const bound = noiseStd ** 2 * (entries + deviations * Math.sqrt(2 * entries));
  return Array.from(energies, (energy) => energy > bound);
}
