import type { FeatureTable } from "../../../graphs/feature-table.ts";
import { type LabelledGraph, neighboursOf } from "../../../graphs/labelled-graph.ts";
import { type AtomFeatures, atomReader, possibleAtom } from "../../../molecules/atom-features.ts";

/** Choices for the features of atoms that can exist in a place: with so many neighbours, on a cycle or not. */
export interface AtomKinds {
  readonly read: (choices: readonly number[]) => AtomFeatures;
  /** All that fit a place. */
  options(degree: number, cyclic: boolean): readonly (readonly number[])[];
  /** What fits the place and is most like the given choices, with so many more hydrogens. */
  nearest(
    choices: readonly number[],
    degree: number,
    cyclic: boolean,
    hydrogens: number,
  ): readonly number[] | undefined;
}

/** How much it counts that two atoms differ in a feature; groups that the place decides count nothing. */
const weights: Readonly<Record<string, number>> = { element: 8, charge: 3, aromatic: 2, hydrogens: 1 };

/** All atoms that can exist. A table without the groups of atoms has none. */
export function atomKinds(table: FeatureTable): AtomKinds | undefined {
  const read = atomReader(table);
  if (read === undefined) return undefined;
  const degreeAt = table.findIndex(({ name }) => name === "degree");
  const ringAt = table.findIndex(({ name }) => name === "ring");
  const hydrogensAt = table.findIndex(({ name }) => name === "hydrogens");
  const counted = table.map(({ name }) => weights[name] ?? 0);
  const all = table.reduce<number[][]>(
    (sets, { values }) => sets.flatMap((set) => values.map((_, i) => [...set, i])),
    [[]],
  );
  const places = new Map<string, readonly (readonly number[])[]>();
  const options = (degree: number, cyclic: boolean): readonly (readonly number[])[] => {
    const key = `${degree} ${cyclic}`;
    const found =
      places.get(key) ??
      all.filter(
        (choices) =>
          (degreeAt < 0 || table[degreeAt]!.values[choices[degreeAt]!] === `${degree}`) &&
          (choices[ringAt] === 1) === cyclic &&
          possibleAtom(read(choices), degree),
      );
    places.set(key, found);
    return found;
  };
  /** Places that choices were found to fit; the same arrays come again and again. */
  const fitting = new WeakMap<readonly number[], number>();
  const fits = (choices: readonly number[], degree: number, cyclic: boolean): boolean => {
    const place = 2 * degree + Number(cyclic);
    if (fitting.get(choices) === place) return true;
    const key = choices.join();
    if (!options(degree, cyclic).some((one) => one.join() === key)) return false;
    fitting.set(choices, place);
    return true;
  };
  return {
    read,
    options,
    nearest: (choices, degree, cyclic, hydrogens) => {
      if (hydrogens === 0 && fits(choices, degree, cyclic)) return choices;
      let best: readonly number[] | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const one of options(degree, cyclic)) {
        let distance = 0;
        for (let group = 0; group < table.length; group++) {
          const wanted = choices[group]! + (group === hydrogensAt ? hydrogens : 0);
          if (one[group] !== wanted) distance += counted[group]!;
          if (group === hydrogensAt) distance += 0.5 * Math.abs(one[group]! - wanted);
        }
        if (distance < least) [best, least] = [one, distance];
      }
      return best;
    },
  };
}

/** Which nodes lie on a cycle. */
export function onCycles(graph: LabelledGraph): boolean[] {
  const neighbours = neighboursOf(graph);
  const depth = new Array<number>(graph.nodes.length).fill(-1);
  const low = new Array<number>(graph.nodes.length).fill(0);
  const cyclic = new Array<boolean>(graph.nodes.length).fill(false);
  const visit = (node: number, from: number, at: number): void => {
    depth[node] = low[node] = at;
    for (const other of neighbours[node]!) {
      if (other === from) continue;
      if (depth[other]! < 0) visit(other, node, at + 1);
      low[node] = Math.min(low[node]!, depth[other]! < at ? depth[other]! : low[other]!);
      // An edge that is no bridge is on a cycle.
      if (low[other]! <= at) cyclic[node] = cyclic[other] = true;
    }
  };
  for (let node = 0; node < depth.length; node++) if (depth[node]! < 0) visit(node, -1, 0);
  return cyclic;
}
