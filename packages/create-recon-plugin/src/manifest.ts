import type { Names } from "./names.ts";

/** Versions that a new package is written for. */
const versions = { recon: "^0.1.0", vitest: "^4.1.0", fastCheck: "^4.10.0", mnist: "^1.1.0" } as const;

/** The package.json of a new package: core and the engine are peers, so that there is one of each wherever it is used. */
export function manifestOf({ package: name, kind, piece }: Names): string {
  const recon = { "@recon/core": versions.recon, "@recon/engine": versions.recon };
  const manifest = {
    name,
    version: "0.1.0",
    description: `The ${kind} ${piece} for recon`,
    keywords: ["recon-plugin"],
    license: "UNLICENSED",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.19" },
    exports: { ".": "./index.js", "./package.json": "./package.json" },
    files: ["index.js", "src", "README.md"],
    scripts: { test: "vitest run", laws: `recon laws ${name}`, audit: "recon audit example/audit.yaml" },
    peerDependencies: recon,
    devDependencies: {
      "@recon/cli": versions.recon,
      ...recon,
      "@recon/vision": versions.recon,
      "fast-check": versions.fastCheck,
      mnist: versions.mnist,
      vitest: versions.vitest,
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
