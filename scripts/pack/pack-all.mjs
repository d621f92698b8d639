import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { startTool } from "../start.mjs";
import { run } from "./run.mjs";

/** The packages that strangers install. */
const published = ["engine", "core", "vision", "text", "timeseries", "graph", "report", "create-recon-plugin"].map(
  (name) => `packages/${name}`,
);

/** The manager of the workspace: `pnpm pack` turns `workspace:` and `catalog:` into versions. */
const pnpm = ["--yes", "pnpm@12.20.0", "pack", "--pack-destination"];

/** Compiles, packs every package and returns the tarballs by package name. @throws Error where a tarball is not fit to be installed. */
export function packAll(root, destination) {
  mkdirSync(destination, { recursive: true });
  if (startTool("typescript", "tsc", ["-b", ...published, "apps/cli"], root) !== 0)
    throw new Error("The sources do not compile.");
  const tarballs = {};
  for (const folder of [...published, "apps/cli"]) {
    removeStale(join(root, folder));
    const before = new Set(readdirSync(destination));
    run("npx", [...pnpm, destination], join(root, folder));
    const made = readdirSync(destination).find((file) => !before.has(file));
    const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    tarballs[name] = join(destination, made);
    checkTarball(tarballs[name], root);
  }
  return tarballs;
}

/** What was compiled from sources that are no more would be packed too. */
function removeStale(folder) {
  for (const entry of readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true })) {
    const source = /^(.*)\.(?:js|d\.ts)(?:\.map)?$/.exec(entry.name)?.[1];
    if (!entry.isFile() || source === undefined) continue;
    const inside = entry.parentPath.slice(join(folder, "dist").length);
    if (!existsSync(join(folder, "src", inside, `${source}.ts`))) rmSync(join(entry.parentPath, entry.name));
  }
}

/** Versions are versions, and no test is inside. */
function checkTarball(tarball, root) {
  const manifest = JSON.parse(run("tar", ["xOf", tarball, "package/package.json"], root));
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    for (const [name, range] of Object.entries(manifest[field] ?? {})) {
      if (/^(workspace|catalog|file|link):/.test(range))
        throw new Error(`${basename(tarball)}: ${field} asks for ${name} ${range}.`);
    }
  }
  const inside = run("tar", ["tzf", tarball], root).split("\n");
  const test = inside.find(
    (path) => !path.startsWith("package/template/") && /\.test\.(ts|js)$|\/fixtures\//.test(path),
  );
  if (test !== undefined) throw new Error(`${basename(tarball)} holds ${test}.`);
}
