import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installWithNpm, run } from "./run.mjs";

/** Generates a package, installs it, and runs its tests, its laws and an audit that uses it by name. */
export function runPlugin(_root, folder, tarballs) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true }));
  installWithNpm([tarballs["create-recon-plugin"]], folder);
  run("npx", ["--no-install", "create-recon-plugin", "soft-steps", "--kind", "prior"], folder);
  const name = "recon-prior-soft-steps";
  const home = join(folder, name);
  const path = join(home, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  // The packages of recon come from this workspace, all else from the registry.
  for (const part of ["@recon/cli", "@recon/core", "@recon/engine", "@recon/vision", "@recon/report"]) {
    manifest.devDependencies[part] = `file:${tarballs[part]}`;
  }
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  installWithNpm([], home);
  run("npm", ["test"], home);
  const laws = run("npx", ["--no-install", "recon", "laws", name, "--json"], home)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { held, broken } = laws.at(-1);
  if (!(held > 0 && broken === 0)) throw new Error(`recon laws: ${held} held, ${broken} broken.`);
  run("npx", ["--no-install", "recon", "audit", "example/audit.yaml", "--out", "runs/pack"], home);
  if (!existsSync(join(home, "runs/pack/report.html"))) throw new Error("The audit wrote no report.");
  return { folder: name, result: `${name}: npm test, recon laws (${held} held), recon audit by name` };
}
