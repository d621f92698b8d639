import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A package that a package can use and does without: its version where it is installed, and how to get it. */
export interface OptionalPackage {
  readonly name: string;
  readonly version: string | null;
  readonly install: string;
}

/** A package with pieces for audits, as a folder sees it. */
export interface PiecePackage {
  readonly name: string;
  /** null where it is not installed. */
  readonly version: string | null;
  /** What it names as optional peers: data, and parts that not everybody needs. */
  readonly optional: readonly OptionalPackage[];
}

/** Packages with pieces, those of recon first. */
const ownPackages: readonly string[] = [
  "@recon/vision",
  "@recon/text",
  "@recon/timeseries",
  "@recon/graph",
  "@recon/prior-digits",
  "@recon/prior-photos",
];

/** Which packages with pieces a file sees, and which of the optional packages that these name: data is looked up from the working directory, as they are. */
export function installedPackages(from: string): readonly PiecePackage[] {
  return ownPackages.map((name) => {
    const manifest = manifestOf(name, from);
    if (manifest === undefined) return { name, version: null, optional: [] };
    const { version = "unknown", peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const names = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional === true);
    return {
      name,
      version,
      optional: names.map((peer) => ({
        name: peer,
        version: manifestOf(peer, from)?.version ?? null,
        install:
          peerDependencies[peer] === "*" ? `see the page of ${name}` : `npm install ${peer}@${peerDependencies[peer]}`,
      })),
    };
  });
}

interface Manifest {
  readonly version?: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** package.json of an installed package as an import in a file would find it, in the folders above alone; undefined when it is not installed there. */
export function manifestOf(name: string, from: string): Manifest | undefined {
  for (let folder = dirname(from), above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")) as Manifest;
    } catch {
      // The next folder up may have it.
    }
  }
  return undefined;
}
