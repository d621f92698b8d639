import { distancesFrom, type MatrixProduct } from "@recon/core";
import type { GraphDomain } from "../../domain.ts";
import { columnsOf, type FeatureTable, featureRow } from "../../graphs/feature-table.ts";
import { atomReader, possibleAtom, possibleNeighbours } from "../../molecules/atom-features.ts";
import type { NodeTypes } from "./node-types.ts";
import type { StageTest } from "./stage-test.ts";

/** Nodes told apart by their features. */
export interface FeatureNodes extends NodeTypes {
  /** Choices of every type. */
  readonly choices: readonly (readonly number[])[];
  readonly together: (centre: number, around: readonly number[]) => boolean;
  /** Combinations of features that exist. */
  readonly combinations: number;
}

/** Most combinations of features that are looked at. */
const mostCombinations = 500_000;
/** Degrees that are tried where the features do not tell them. */
const mostDegree = 6;

/**
 * All combinations of features whose row lies in the space of the first gradient, with the degrees that they can have. Of molecules, atoms that cannot exist are left out.
 *
 * Combinations of others inside the groups of a table are rows of the space too: a later test rids of them.
 */
export async function featureNodes(
  { table, kind }: GraphDomain,
  { space, zeros }: StageTest,
  product: MatrixProduct,
): Promise<FeatureNodes | { readonly reason: string }> {
  const combinations = table.reduce((total, { values }) => total * values.length, 1);
  if (combinations > mostCombinations) {
    return {
      reason: `The features allow ${combinations} combinations, and at most ${mostCombinations} are looked at.`,
    };
  }
  const width = columnsOf(table);
  const all = combinationsOf(table);
  const rows = new Float64Array(all.length * width);
  all.forEach((choices, i) => {
    rows.set(featureRow(table, choices), i * width);
  });
  const tested = space && (await distancesFrom(space, { rows: all.length, cols: width, data: rows }, product));
  const admitted = (i: number): boolean =>
    zeros.every((column) => rows[i * width + column] === 0) && (tested === undefined || tested.statistics[i]! <= 1);
  const atom = kind === "molecule" ? atomReader(table) : undefined;
  const group = table.findIndex(({ name }) => name === "degree");
  const degrees = (choices: readonly number[]): readonly number[] =>
    group < 0 ? Array.from({ length: mostDegree + 1 }, (_, i) => i) : [Number(table[group]!.values[choices[group]!])];
  const found = all
    .filter((_, i) => admitted(i))
    .flatMap((choices) => degrees(choices).map((degree) => ({ choices, degree })))
    .filter(({ choices, degree }) => atom === undefined || possibleAtom(atom(choices), degree));
  const embeddings = new Float64Array(found.length * width);
  found.forEach(({ choices }, i) => {
    embeddings.set(featureRow(table, choices), i * width);
  });
  const atoms = atom && found.map(({ choices }) => atom(choices));
  const degreeOf = found.map(({ degree }) => degree);
  return {
    choices: found.map(({ choices }) => choices),
    degrees: degreeOf,
    width,
    embeddings,
    combinations,
    together: (centre, around) =>
      atoms === undefined ||
      possibleNeighbours(
        atoms[centre]!,
        degreeOf[centre]!,
        around.map((i) => ({ ...atoms[i]!, degree: degreeOf[i]! })),
      ),
  };
}

/** Every choice in every group, the last group first. */
function combinationsOf(table: FeatureTable): number[][] {
  return table.reduce<number[][]>(
    (sets, { values }) => sets.flatMap((choices) => values.map((_, choice) => [...choices, choice])),
    [[]],
  );
}
