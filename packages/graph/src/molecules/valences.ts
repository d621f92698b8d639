/**
 * Sums of bond orders, hydrogens counted, that an atom of an element with a charge may have, the usual one first; empty where it may have none.
 *
 * An element without a row of its own may have any.
 */
export function valencesOf(element: string, charge: number): readonly number[] {
  const row = valences[element];
  return row === undefined ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : (row[charge] ?? []);
}

const halogen = { "-1": [0], "0": [1, 3, 5, 7], "1": [2, 4] };

const valences: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  C: { "-1": [3], "0": [4], "1": [3] },
  N: { "-1": [2], "0": [3, 5], "1": [4] },
  O: { "-1": [1], "0": [2], "1": [3] },
  S: { "-1": [1, 3, 5], "0": [2, 4, 6], "1": [3, 5] },
  F: { "-1": [0], "0": [1] },
  Cl: halogen,
  Br: halogen,
  I: halogen,
  P: { "-1": [2, 4, 6], "0": [3, 5], "1": [4] },
  Si: { "-1": [3, 5], "0": [4], "1": [3] },
};
