import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const skipped = new Set(["node_modules", "dist", ".git", ".turbo", "runs", "coverage"]);

/** The code of a workspace as the rules look at it: every source and script by its path from the root, and the packages. */
export function readTree(root) {
  const files = {};
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (/\.(ts|mts|mjs|js)$/.test(entry.name)) {
        files[relative(root, path).split(sep).join("/")] = readFileSync(path, "utf8");
      }
    }
  };
  walk(root);
  const packages = ["packages", "apps"].flatMap((parent) =>
    !existsSync(join(root, parent))
      ? []
      : readdirSync(join(root, parent))
          .filter((name) => existsSync(join(root, parent, name, "package.json")))
          .map((name) => {
            const manifest = JSON.parse(readFileSync(join(root, parent, name, "package.json"), "utf8"));
            return { name: manifest.name, folder: `${parent}/${name}`, manifest };
          }),
  );
  return { files, packages };
}
