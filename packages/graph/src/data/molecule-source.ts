import {
  type Card,
  type DataSource,
  type Item,
  type Json,
  type OpenData,
  oneHot,
  ReconError,
  rng,
  type Skipped,
} from "@recon/core";
import { type GraphDomain, graphDomain } from "../domain.ts";
import { encodeGraph } from "../graphs/labelled-graph.ts";
import { atomTable } from "../molecules/atom-table.ts";
import { usualMolecule } from "../molecules/usual-molecule.ts";
import type { MoleculeOptions } from "./molecule-options.ts";
import type { ReadMolecule } from "./read-molecules.ts";

/** A source of molecules. */
export interface MoleculeSource extends DataSource {
  readonly domain: GraphDomain;
}

/** A molecule with its class. */
export interface LabelledMolecule extends ReadMolecule {
  readonly label: number;
}

export interface MoleculeSourceOptions {
  readonly name: string;
  readonly options: Json;
  readonly card: Card;
  /** Options with nothing left open. */
  readonly filled: Required<MoleculeOptions>;
  /** Read when it is first needed: which molecules there are, each graph once, and how many classes. */
  readonly read: () => {
    readonly molecules: readonly LabelledMolecule[];
    readonly classes: number;
    readonly skipped: readonly Skipped[];
  };
  /** More to train on, apart from the molecules drawn; none unless said. */
  readonly more?: (audited: readonly ReadMolecule[]) => readonly LabelledMolecule[];
}

/** Molecules as a source: a part for training, in an order that is always the same, and the rest to be audited. */
export function moleculeSource(of: MoleculeSourceOptions): MoleculeSource {
  const { name, options, card, filled, read, more } = of;
  const table = atomTable(filled);
  const parts = once(() => {
    const { molecules, classes, skipped } = read();
    if (molecules.length === 0) throw nothingUsable(name, skipped);
    const order = rng(`training part of ${name}`).permutation(molecules.length);
    const share = Math.min(Math.round(filled.training * molecules.length), molecules.length - 1);
    // Both parts in the order of the source.
    const chosen = new Set(order.slice(0, share));
    return {
      training: molecules.filter((_, i) => chosen.has(i)),
      audited: molecules.filter((_, i) => !chosen.has(i)),
      classes,
      skipped,
    };
  });
  const trained = once(() => [...parts().training, ...(more?.(parts().audited) ?? [])]);
  const domain = graphDomain(
    { features: table, largest: filled.atoms[1], kind: "molecule" },
    usualMolecule(() => parts().training.map(({ graph }) => graph), table),
  );
  const itemOf = (molecules: readonly LabelledMolecule[], index: number): Item => {
    const molecule = molecules[index];
    if (molecule === undefined) {
      throw new ReconError(
        "no-such-item",
        `${name} has items 0 to ${molecules.length - 1}; there is no item ${index}.`,
      );
    }
    const { id, graph, label } = molecule;
    return { id, input: encodeGraph(graph, table), target: oneHot(label, parts().classes) };
  };
  return {
    name,
    options,
    card,
    domain,
    open: async (): Promise<OpenData> => {
      const { audited, skipped } = parts();
      return {
        size: audited.length,
        skipped,
        item: async (index) => itemOf(audited, index),
        training: {
          get size() {
            return trained().length;
          },
          item: async (index) => itemOf(trained(), index),
        },
      };
    },
  };
}

/** The same result as long as the source lives. */
function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

function nothingUsable(name: string, skipped: readonly Skipped[]): ReconError {
  const shown = skipped.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
  const more = skipped.length > shown.length ? `; and ${skipped.length - shown.length} more` : "";
  const found = skipped.length === 0 ? "There is none." : `Skipped: ${shown.join("; ")}${more}.`;
  return new ReconError("no-data", `${name} holds no molecule that can be used. ${found}`);
}
