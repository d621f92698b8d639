import type { FeatureTable } from "../graphs/feature-table.ts";
import { usualPartners, usualValences } from "./usual-valences.ts";

/** What features say of an atom. */
export interface AtomFeatures {
  readonly element: string;
  readonly hydrogens: number;
  readonly charge: number;
  readonly aromatic: boolean;
  readonly ring: boolean;
}

/** Reads choices of a table of atoms; undefined where the table lacks a group of `atomTable`. */
export function atomReader(table: FeatureTable): ((choices: readonly number[]) => AtomFeatures) | undefined {
  const at = (name: string): number => table.findIndex((group) => group.name === name);
  const [element, hydrogens, charge, aromatic, ring] = ["element", "hydrogens", "charge", "aromatic", "ring"].map(
    at,
  ) as [number, number, number, number, number];
  if (Math.min(element, hydrogens, charge, aromatic, ring) < 0) return undefined;
  const value = (group: number, choices: readonly number[]): string => table[group]!.values[choices[group]!]!;
  return (choices) => ({
    element: value(element, choices),
    hydrogens: Number(value(hydrogens, choices)),
    charge: Number(value(charge, choices)),
    aromatic: value(aromatic, choices) === "yes",
    ring: value(ring, choices) === "yes",
  });
}

/**
 * How much its bonds to so many other atoms exceed single ones, in total, for every valence that the atom can have: none where it cannot exist. An element of
 * which nothing is known can have any.
 */
export function unsaturations({ element, hydrogens, charge }: AtomFeatures, degree: number): readonly number[] {
  if (degree + hydrogens > usualPartners(element)) return [];
  const valences = usualValences(element, charge);
  if (valences === undefined) return Array.from({ length: 2 * degree + 1 }, (_, i) => i);
  return valences.map((valence) => valence - hydrogens - degree).filter((rest) => rest >= 0 && rest <= 2 * degree);
}

/** Whether an atom with so many neighbours can exist: its valence, an aromatic one in a ring, a ring through two neighbours. */
export function possibleAtom(atom: AtomFeatures, degree: number): boolean {
  if (unsaturations(atom, degree).length === 0) return false;
  return (!atom.aromatic || atom.ring) && (!atom.ring || degree >= 2);
}

/**
 * Whether an atom of so many neighbours can have these: two of a ring for an atom of one, two aromatic for an aromatic one, and bonds of an order that the valences on both ends
 * allow. A neighbour that has no other leaves no choice.
 */
export function possibleNeighbours(
  atom: AtomFeatures,
  degree: number,
  around: readonly (AtomFeatures & { readonly degree: number })[],
): boolean {
  if (atom.ring && around.filter(({ ring }) => ring).length < 2) return false;
  if (atom.aromatic && around.filter(({ aromatic }) => aromatic).length < 2) return false;
  let sums = new Set([0]);
  for (const neighbour of around) {
    const own = unsaturations(neighbour, neighbour.degree);
    const most = Math.min(2, Math.max(...own));
    const excesses = [0, 1, 2].filter((excess) => excess <= most && (neighbour.degree > 1 || own.includes(excess)));
    sums = new Set([...sums].flatMap((total) => excesses.map((excess) => total + excess)));
  }
  return unsaturations(atom, degree).some((rest) => sums.has(rest));
}
