import { type Plugin, ReconError } from "@recon/core";
import { suggestion } from "../audit-file/nearest-name.ts";
import { corePlugin } from "./core-plugin.ts";
import type { LoadedPlugin } from "./load-plugins.ts";

/** The kinds of pieces that a plugin may bring, and one of them in words. */
export const pieceKinds = {
  models: "model",
  data: "data source",
  operators: "operator",
  defences: "defence",
  priors: "prior",
  attacks: "attack",
} as const;

export type PieceKind = keyof typeof pieceKinds;

/** The factories that a plugin has of one kind. */
export type PiecesOf<K extends PieceKind> = NonNullable<Plugin[K]>;

/** Everything that the loaded plugins bring, found by name among them only. */
export interface Catalogue {
  readonly plugins: readonly Plugin[];
  /** Knowledge flags that may be named, sorted. */
  readonly flags: readonly string[];
  /**
   * The factory with this name: `mlp`, or `vision/mlp` where two plugins have one.
   * Throws `unknown-name` with the nearest name and what there is, or `ambiguous-name` with the names that decide.
   */
  find<K extends PieceKind>(kind: K, name: string): PiecesOf<K>[string];
  /** Every name of one kind, in the order of the plugins. */
  names(kind: PieceKind): readonly string[];
}

/** Makes a catalogue of plugins, core's own first. Throws `duplicate-plugin`, naming both, when two of them carry one name. */
export function catalogue(loaded: readonly LoadedPlugin[]): Catalogue {
  const all = [{ use: "@recon/core", plugin: corePlugin }, ...loaded];
  for (const [index, { use, plugin }] of all.entries()) {
    const other = all.slice(0, index).find((earlier) => earlier.plugin.name === plugin.name);
    if (other === undefined) continue;
    const what = `"${other.use}" and "${use}" both call themselves "${plugin.name}"`;
    throw new ReconError("duplicate-plugin", `${what}, so names could mean either. Remove one of them.`);
  }
  const plugins = all.map(({ plugin }) => plugin);
  const offers = (kind: PieceKind) =>
    plugins.flatMap((plugin) => Object.keys(plugin[kind] ?? {}).map((name) => ({ plugin: plugin.name, name })));
  const names = (kind: PieceKind): readonly string[] => [...new Set(offers(kind).map((offer) => offer.name))];
  return {
    plugins,
    flags: [...new Set(plugins.flatMap((plugin) => plugin.flags ?? []))].sort(),
    names,
    find<K extends PieceKind>(kind: K, name: string): PiecesOf<K>[string] {
      const matching = offers(kind).filter((offer) => offer.name === name || `${offer.plugin}/${offer.name}` === name);
      const [only, another] = matching;
      if (only === undefined) throw unknownName(kind, name, names(kind), plugins);
      if (another !== undefined) {
        const choices = matching.map((offer) => `${offer.plugin}/${offer.name}`).join(" or ");
        const what = `Several packages have a ${pieceKinds[kind]} "${name}"`;
        throw new ReconError("ambiguous-name", `${what}; write ${choices}.`);
      }
      const pieces = plugins.find((plugin) => plugin.name === only.plugin)?.[kind] as PiecesOf<K>;
      return pieces[only.name] as PiecesOf<K>[string];
    },
  };
}

function unknownName(kind: PieceKind, name: string, names: readonly string[], plugins: readonly Plugin[]): ReconError {
  const where =
    plugins.length === 0 ? "no package is loaded" : `loaded: ${plugins.map((plugin) => plugin.name).join(", ")}`;
  const allowed =
    names.length === 0 ? `none has one; add the package that does under "use"` : `allowed: ${names.join(", ")}`;
  const what = `there is no ${pieceKinds[kind]} "${name}"`;
  return new ReconError("unknown-name", `${what} (${where}); ${suggestion(name, names)}${allowed}`);
}
