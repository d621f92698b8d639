import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "./fixtures/scratch.ts";
import { installedPackages } from "./installed-packages.ts";

test("of an installed package its optional peers are said, with what is missing and how to get it", () => {
  const { folder } = scratch();
  const install = (name: string, manifest: object): void => {
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
    writeFileSync(join(folder, "node_modules", name, "package.json"), JSON.stringify(manifest));
  };
  install("@recon/graph", {
    version: "1.2.3",
    peerDependencies: { molecules: "^9.25.0", edges: "^3.2.1", hub: "*", engine: "^1.0.0" },
    peerDependenciesMeta: { molecules: { optional: true }, edges: { optional: true }, hub: { optional: true } },
  });
  install("edges", { version: "3.2.2" });
  const found = installedPackages(join(folder, "noop.js"));
  expect(found.find(({ name }) => name === "@recon/graph")).toEqual({
    name: "@recon/graph",
    version: "1.2.3",
    optional: [
      { name: "molecules", version: null, install: "npm install molecules@^9.25.0" },
      { name: "edges", version: "3.2.2", install: "npm install edges@^3.2.1" },
      { name: "hub", version: null, install: "see the page of @recon/graph" },
    ],
  });
  expect(found.find(({ name }) => name === "@recon/text")).toEqual({
    name: "@recon/text",
    version: null,
    optional: [],
  });
});
