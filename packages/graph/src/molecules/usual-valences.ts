/** Sums of bond orders that neutral atoms usually have, hydrogens included; charged ones where they differ. */
const neutral: Readonly<Record<string, readonly number[]>> = {
  C: [4],
  N: [3, 5],
  O: [2],
  S: [2, 4, 6],
  F: [1],
  Cl: [1, 3, 5, 7],
  Br: [1, 3, 5, 7],
  I: [1, 3, 5, 7],
  P: [3, 5],
  Si: [4],
};

const charged: Readonly<Record<string, readonly number[]>> = {
  "C+": [3],
  "C-": [3],
  "N+": [4],
  "N-": [2],
  "O+": [3],
  "O-": [1],
  "S+": [3, 5],
  "S-": [1, 3, 5],
  "F-": [0],
  "Cl-": [0],
  "Br-": [0],
  "I-": [0],
  "Cl+": [2, 4],
  "Br+": [2, 4],
  "I+": [2, 4],
  "P+": [4],
  "P-": [2, 4],
};

/** Most atoms, hydrogens included, that an element usually binds. */
const partners: Readonly<Record<string, number>> = { C: 4, N: 4, O: 3, S: 6, F: 1, Cl: 4, Br: 4, I: 4, P: 5, Si: 4 };

/** Sums of bond orders that an atom usually has, or undefined for an element of which nothing is known. */
export function usualValences(element: string, charge: number): readonly number[] | undefined {
  if (charge === 0) return neutral[element];
  return neutral[element] && (charged[`${element}${charge > 0 ? "+" : "-"}`] ?? []);
}

/** Most atoms that it usually binds; 6 for an element of which nothing is known. */
export function usualPartners(element: string): number {
  return partners[element] ?? 6;
}
