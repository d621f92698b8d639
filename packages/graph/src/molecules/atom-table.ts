import type { FeatureTable } from "../graphs/feature-table.ts";

/** Symbols of the elements with a column of their own; any other element shares the last one. */
export const elements = ["C", "N", "O", "S", "F", "Cl", "Br", "I", "P", "Si", "other"] as const;

const upTo = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

/**
 * Features of an atom: element (11), degree 0–6, that is bonded atoms other than hydrogen (7), hydrogens 0–4 (5), charge −1 … 1 (3), aromatic, in a ring:
 * D = 28 columns and 4620 combinations, or without the degree D = 21 and 660.
 */
export function atomTable({ degree = true }: { readonly degree?: boolean } = {}): FeatureTable {
  return [
    { name: "element", values: elements },
    ...(degree ? [{ name: "degree", values: upTo(0, 6) }] : []),
    { name: "hydrogens", values: upTo(0, 4) },
    { name: "charge", values: upTo(-1, 1) },
    { name: "aromatic", values: ["no", "yes"], flag: true },
    { name: "ring", values: ["no", "yes"], flag: true },
  ];
}
